"""What handoff does when sales closes or reopens a deal."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from asyncpg import Record

from services.handoff.handshake.deals import queries
from services.handoff.routing.allocation.use_cases import change_loads
from shared.database.sessions import driver
from shared.events.sales import DealAmended, DealClosed
from shared.messaging.subscriptions import Context


async def follow_deals(context: Context, events: Sequence[DealClosed | DealAmended]) -> None:
    """Free the rep of a lead whose deal was closed, and count it again when the deal was reopened.

    Derived from the newest news of each deal, whatever the order they come in.
    """
    newest = {event.deal_id: event for event in events if event.lead_id and event.cycle}
    if not newest:
        return
    rows = [newest[deal_id] for deal_id in sorted(newest)]
    connection = await driver(context.session)
    heard = await connection.fetch(
        "INSERT INTO deals AS d (deal_id, lead_id, cycle, version, open) "
        "SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[], $5::bool[]) "
        "ON CONFLICT (deal_id) DO UPDATE SET version = excluded.version, open = excluded.open "
        "WHERE d.version < excluded.version RETURNING lead_id, cycle",
        [event.deal_id for event in rows],
        [event.lead_id for event in rows],
        [event.cycle for event in rows],
        [event.version for event in rows],
        [event.outcome is None for event in rows],
    )
    held = await queries.lock_accepted(context.session, {(row["lead_id"], row["cycle"]) for row in heard})
    await queries.lock_loads(context.session, {row["rep_id"] for row in held})
    await _close(context, [row for row in held if row["state"] == "accepted" and not row["open"]])
    await _reopen(context, [row for row in held if row["state"] == "closed" and row["open"]])


async def _close(context: Context, rows: Sequence[Record]) -> None:
    await _set_states(context, rows, assignment="closed", lead="closed", ended=True)
    await change_loads(context.session, Counter(), _reps(rows))


async def _reopen(context: Context, rows: Sequence[Record]) -> None:
    await _set_states(context, rows, assignment="accepted", lead="accepted", ended=False)
    await change_loads(context.session, _reps(rows), Counter())


def _reps(rows: Sequence[Record]) -> Counter[UUID]:
    return Counter(row["rep_id"] for row in rows)


async def _set_states(
    context: Context, rows: Sequence[Record], *, assignment: str, lead: str, ended: bool
) -> None:
    if not rows:
        return
    connection = await driver(context.session)
    await connection.execute(
        "UPDATE assignments SET state = $2 WHERE id = ANY($1::uuid[])",
        [row["id"] for row in rows],
        assignment,
    )
    await connection.execute(
        "UPDATE leads l SET state = $3, ended_at = CASE WHEN $4 THEN $5::timestamptz END, "
        "end_reason = CASE WHEN $4 THEN 'deal_closed' END "
        "FROM unnest($1::uuid[], $2::int[]) AS x(lead_id, cycle) "
        "WHERE l.lead_id = x.lead_id AND l.cycle = x.cycle",
        [row["lead_id"] for row in rows],
        [row["cycle"] for row in rows],
        lead,
        ended,
        context.now,
    )
