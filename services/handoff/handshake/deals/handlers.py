"""What handoff does when sales closes a deal, reopens it, or gives it to another rep."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from uuid import UUID

from asyncpg import Record
from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.handshake.deals import queries
from services.handoff.handshake.deals.rules import Accepted, follow, forgotten
from services.handoff.handshake.deals.writes import DealRow, forget, save_deals
from services.handoff.routing.allocation import following
from services.handoff.routing.allocation.following import Given
from services.handoff.routing.allocation.writes import LeadKey
from services.handoff.staff.reps.writes import change_loads
from shared.events.envelope import Event
from shared.events.sales import DealAmended, DealClosed, DealFact, DealOwnerChanged
from shared.messaging.subscriptions import Context


async def follow_deals(
    context: Context, events: Sequence[DealClosed | DealAmended | DealOwnerChanged]
) -> None:
    """Free the rep of a lead whose deal was closed, count it again when it was reopened, and move it to who
    has the deal.

    Derived from the newest news of each deal, whatever the order they come in.
    """
    newest = {
        event.deal_id: DealRow(
            event.deal_id, event.lead_id, event.cycle, event.version, event.outcome is None, event.rep_id
        )
        for event in sorted(events, key=lambda event: event.version)
        if event.lead_id and event.cycle
    }
    if not newest:
        return
    heard = await save_deals(context.session, [newest[deal_id] for deal_id in sorted(newest)])

    def as_the_deal(row: Record, before: Accepted) -> Accepted:
        return follow(before, deal_is_open=row["open"], deal_rep_id=row["deal_rep_id"])

    await _change(context, heard, as_the_deal)


async def forget_deals(context: Context, forged: Sequence[Event], _: Sequence[Event]) -> set[str]:
    """Forget these deals, and true ones of the same cycles; leads closed by nothing else are open."""
    told = [event for event in forged if isinstance(event, DealFact) and event.lead_id and event.cycle]
    cycles = {(event.lead_id, event.cycle) for event in told if event.lead_id and event.cycle}
    ids, of_them = await forget(context.session, {event.deal_id for event in told}, cycles)
    await _change(context, cycles | of_them, lambda _, it: forgotten(it))
    return {str(deal_id) for deal_id in ids}


async def _change(
    context: Context,
    cycles: Collection[tuple[UUID, int]],
    decide: Callable[[Record, Accepted], Accepted],
) -> None:
    """Bring the accepted assignments of these leads and cycles, and the reps' loads, to what is decided."""
    session: AsyncSession = context.session
    rows = await queries.lock_accepted(session, cycles)
    befores = [Accepted(row["state"], row["rep_id"], row["offered_to"]) for row in rows]
    afters = [decide(row, before) for row, before in zip(rows, befores, strict=True)]
    changed = [one for one in zip(rows, befores, afters, strict=True) if one[1] != one[2]]
    await queries.lock_loads(session, {it.rep_id for _, before, after in changed for it in (before, after)})
    for state, at in (("closed", context.now), ("accepted", None)):
        moved = [row for row, before, after in changed if before.state != after.state == state]
        keys = [LeadKey(row["lead_id"], row["cycle"]) for row in moved]
        await following.follow_deals(session, [row["id"] for row in moved], keys, closed_at=at)
    await following.give(
        session,
        [
            Given(row["id"], after.rep_id, after.offered_to)
            for row, before, after in changed
            if before.rep_id != after.rep_id
        ],
    )
    taken = Counter(after.busy for _, _, after in changed if after.busy)
    freed = Counter(before.busy for _, before, _ in changed if before.busy)
    await change_loads(session, taken, freed)
