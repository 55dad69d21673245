"""What sales says about deals: the copy is kept, the lead follows, and what is closed is credited."""

from collections.abc import Sequence

from services.marketing.funnel.deals import use_cases as deals
from services.marketing.funnel.lifecycle import use_cases as lifecycle
from services.marketing.funnel.lifecycle.rules import STAGE_OF_OUTCOME, Change, Step
from services.marketing.revenue.attribution import queries, use_cases
from services.marketing.revenue.attribution.rules import ClosedDeal
from shared.events.sales import DealAmended, DealClosed
from shared.messaging.subscriptions import Context


async def credit_closed_deals(context: Context, events: Sequence[DealClosed]) -> None:
    """The lead's cycle ends, and what was won is credited to the touches that led to it."""
    await _account(context, events)


async def credit_amended_deals(context: Context, events: Sequence[DealAmended]) -> None:
    """A closed deal was corrected: the ledger books the difference, with its cause."""
    await _account(context, events)


async def _account(context: Context, events: Sequence[DealClosed | DealAmended]) -> None:
    await queries.take_turns(context.session)
    new = await deals.copy_closed(context.session, events, now=context.now)
    fresh = [event for event in events if event.deal_id in new]
    changes = [_end_of_cycle(event) for event in fresh if event.lead_id and event.cycle]
    await lifecycle.follow(context.session, [change for change in changes if change], now=context.now)
    await use_cases.book(context.session, [closed_deal(event) for event in fresh], now=context.now)


def closed_deal(event: DealClosed | DealAmended) -> ClosedDeal:
    """The event as the rules see it."""
    return ClosedDeal(
        deal_id=event.deal_id,
        version=event.version,
        cause=event.cause if isinstance(event, DealAmended) else "closed",
        outcome=event.outcome,
        origin=event.origin,
        lead_id=event.lead_id,
        contact_ids=event.contact_ids,
        amount_minor=event.amount_minor,
        currency=event.currency,
        reporting_amount_minor=event.reporting_amount_minor,
        reporting_currency=event.reporting_currency,
        closed_on=event.closed_on,
        closed_at=event.closed_at,
    )


def _end_of_cycle(event: DealClosed | DealAmended) -> Change | None:
    """How a close, or its undoing, changes the lead's cycle. Corrections of amounts don't."""
    if event.lead_id is None or event.cycle is None:
        return None
    if isinstance(event, DealClosed):
        return Change(
            event.lead_id,
            event.cycle,
            {
                "deal_id": event.deal_id,
                "closed_at": event.closed_at,
                "outcome": event.outcome,
                "close_reason": event.reason,
            },
            (
                Step(
                    event.lead_id, event.cycle, STAGE_OF_OUTCOME[event.outcome], event.closed_at, event.reason
                ),
            ),
        )
    if event.outcome is None:
        return Change(
            event.lead_id,
            event.cycle,
            {"closed_at": None, "outcome": None, "close_reason": None},
            reopened_at=event.amended_at,
        )
    return Change(event.lead_id, event.cycle, {"outcome": event.outcome})
