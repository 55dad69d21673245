"""What handoff does when sales closes or reopens a deal."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from asyncpg import Record

from services.handoff.handshake.deals import queries
from services.handoff.handshake.deals.writes import DealRow, forget, save_deals
from services.handoff.routing.allocation import writes
from services.handoff.routing.allocation.writes import LeadKey
from services.handoff.staff.reps.writes import change_loads
from shared.events.envelope import Event
from shared.events.sales import DealAmended, DealClosed, DealFact
from shared.messaging.subscriptions import Context


async def follow_deals(context: Context, events: Sequence[DealClosed | DealAmended]) -> None:
    """Free the rep of a lead whose deal was closed, and count it again when the deal was reopened.

    Derived from the newest news of each deal, whatever the order they come in.
    """
    newest = {
        event.deal_id: DealRow(
            event.deal_id, event.lead_id, event.cycle, event.version, event.outcome is None
        )
        for event in events
        if event.lead_id and event.cycle
    }
    if not newest:
        return
    session = context.session
    heard = await save_deals(session, [newest[deal_id] for deal_id in sorted(newest)])
    held = await queries.lock_accepted(session, heard)
    await queries.lock_loads(session, {row["rep_id"] for row in held})
    closed = [row for row in held if row["state"] == "accepted" and not row["open"]]
    reopened = [row for row in held if row["state"] == "closed" and row["open"]]
    await writes.follow_deals(session, *_keys(closed), closed_at=context.now)
    await writes.follow_deals(session, *_keys(reopened), closed_at=None)
    await change_loads(session, _reps(reopened), _reps(closed))


def _keys(rows: Sequence[Record]) -> tuple[list[UUID], list[LeadKey]]:
    return [row["id"] for row in rows], [LeadKey(row["lead_id"], row["cycle"]) for row in rows]


def _reps(rows: Sequence[Record]) -> Counter[UUID]:
    return Counter(row["rep_id"] for row in rows)


async def forget_deals(context: Context, forged: Sequence[Event], _: Sequence[Event]) -> set[str]:
    """Forget these deals, and true ones of the same cycles; leads closed by nothing else are open."""
    told = [event for event in forged if isinstance(event, DealFact) and event.lead_id and event.cycle]
    session = context.session
    cycles = {(event.lead_id, event.cycle) for event in told if event.lead_id and event.cycle}
    ids, of_them = await forget(session, {event.deal_id for event in told}, cycles)
    cycles |= of_them
    held = await queries.lock_accepted(session, cycles)
    await queries.lock_loads(session, {row["rep_id"] for row in held})
    reopened = [row for row in held if row["state"] == "closed"]
    await writes.follow_deals(session, *_keys(reopened), closed_at=None)
    await change_loads(session, _reps(reopened), Counter())
    return {str(deal_id) for deal_id in ids}
