"""What sales does when marketing takes a lead back, before or after its deal was opened."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.selling.closing.use_cases import disqualify
from services.sales.selling.deals import handlers as deals
from services.sales.selling.deals.queries import lock_deals_of_leads
from services.sales.selling.deals.rules import OPEN
from services.sales.work.activities.rules import OfCycle
from services.sales.work.resubmissions import handlers as resubmissions
from services.sales.work.withdrawals import queries
from services.sales.work.withdrawals.rules import is_untouched
from services.sales.work.withdrawals.writes import FORGET, REMEMBER, WithdrawnRow
from shared.database.sessions import driver
from shared.events.envelope import Event, LeadFact
from shared.events.handoff import LeadAccepted
from shared.events.marketing import LeadQualified, LeadResubmitted, LeadWithdrawn
from shared.messaging import outbox
from shared.messaging.foreign import FOREIGN
from shared.messaging.subscriptions import Context

MARKETING = "service:marketing"


async def open_deals(context: Context, events: Sequence[LeadAccepted]) -> None:
    """Open the deals of accepted leads. What was taken back meanwhile is closed as soon as it is opened: the
    two services' news come in any order.
    """
    await queries.take_turns(context.session, opening=True)
    await deals.open_deals(context, events)
    keys = [OfCycle(event.lead_id, event.cycle) for event in events]
    await _close(context.session, await _known(context.session, keys))
    await resubmissions.attach(context.session, keys)


async def note_resubmissions(context: Context, events: Sequence[LeadResubmitted]) -> None:
    """Show on their deals what people sent again; what comes before the deal waits for it."""
    await queries.take_turns(context.session, opening=False)
    await resubmissions.keep(context, events)


async def withdraw_deals(context: Context, events: Sequence[LeadWithdrawn]) -> None:
    """Close the deals of these leads that nobody has worked; the others are marked, for people to decide."""
    await queries.take_turns(context.session, opening=False)
    rows = [WithdrawnRow(event.lead_id, event.cycle, event.reason, event.withdrawn_at) for event in events]
    await REMEMBER(await driver(context.session), rows)
    await _close(context.session, {OfCycle(row.lead_id, row.cycle): row for row in rows})


async def _known(session: AsyncSession, keys: Sequence[OfCycle]) -> dict[OfCycle, WithdrawnRow]:
    found = await queries.withdrawn(session, keys)
    return {key: WithdrawnRow(*row.values()) for key, row in found.items()}


async def _close(session: AsyncSession, withdrawn: dict[OfCycle, WithdrawnRow]) -> None:
    if not withdrawn:
        return
    leads: list[UUID] = sorted({key.lead_id for key in withdrawn})
    locked = await lock_deals_of_leads(session, leads)
    of_cycle = [
        (deal, withdrawn[key])
        for deal in locked
        if deal.lead_id and deal.cycle and (key := OfCycle(deal.lead_id, deal.cycle)) in withdrawn
    ]
    busy = await queries.with_activities(session, [deal for deal, _ in of_cycle])
    closed = []
    for deal, row in of_cycle:
        untouched = is_untouched(revision=deal.revision, has_activities=deal.id in busy)
        if deal.withdrawn_at is None:
            deal.withdrawn_at = row.withdrawn_at
            deal.revision += 1
        if deal.state == OPEN and untouched:
            at = max(row.withdrawn_at, deal.opened_at)
            closed.append(disqualify(session, deal, reason=row.reason, by=MARKETING, at=at))
    await outbox.stage(session, closed)


async def forget_leads(context: Context, forged: Sequence[Event], true: Sequence[Event]) -> set[str]:
    """Take back leads that marketing never told of, as if it had; and remember no more that it took one back
    that it did not. A deal that was closed for that stays closed: its lead may qualify again.
    """
    qualified = {(one.lead_id, one.cycle) for one in true if isinstance(one, LeadQualified)}
    taken = {(one.lead_id, one.cycle) for one in true if isinstance(one, LeadWithdrawn)}
    await _withdraw(context, forged, LeadQualified, qualified)
    wrong = [
        OfCycle(one.lead_id, one.cycle)
        for one in forged
        if isinstance(one, LeadWithdrawn) and (one.lead_id, one.cycle) not in taken
    ]
    again = {one.submission_id for one in forged if isinstance(one, LeadResubmitted)}
    again -= {one.submission_id for one in true if isinstance(one, LeadResubmitted)}
    await resubmissions.forget(context.session, again)
    await FORGET(await driver(context.session), keys=wrong)
    for deal in await lock_deals_of_leads(context.session, [key.lead_id for key in wrong]):
        if (deal.lead_id, deal.cycle) in wrong and deal.withdrawn_at is not None:
            deal.withdrawn_at = None
            deal.revision += 1
    return set()


async def forget_acceptances(context: Context, forged: Sequence[Event], true: Sequence[Event]) -> set[str]:
    """Close, unless somebody works them, the deals of leads that no rep has accepted."""
    accepted = {(one.lead_id, one.cycle) for one in true if isinstance(one, LeadAccepted)}
    await _withdraw(context, forged, LeadAccepted, accepted)
    return set()


async def _withdraw(
    context: Context, forged: Sequence[Event], kind: type[LeadFact], true: set[tuple[UUID, int]]
) -> None:
    made_up = {
        (one.lead_id, one.cycle): LeadWithdrawn(
            version=1, lead_id=one.lead_id, cycle=one.cycle, reason=FOREIGN, withdrawn_at=context.now
        )
        for one in forged
        if isinstance(one, kind) and (one.lead_id, one.cycle) not in true
    }
    if made_up:
        await withdraw_deals(context, list(made_up.values()))
