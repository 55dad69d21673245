"""What marketing notes of deals that sales opens and moves."""

from collections.abc import Sequence

from services.marketing.funnel.deals import use_cases as deals
from services.marketing.funnel.lifecycle import use_cases as lifecycle
from services.marketing.funnel.lifecycle.rules import Change, Stage, Step
from shared.events.sales import (
    DealContactsChanged,
    DealOpened,
    DealOwnerChanged,
    DealStageChanged,
)
from shared.messaging.subscriptions import Context


async def note_opened_deals(context: Context, events: Sequence[DealOpened]) -> None:
    """Sales works the lead: it is an SQL."""
    new = await deals.copy_opened(context.session, events, now=context.now)
    changes = [
        Change(
            event.lead_id,
            event.cycle,
            {"deal_id": event.deal_id, "sql_at": event.opened_at},
            Step(event.lead_id, event.cycle, Stage.SQL, event.opened_at),
        )
        for event in events
        if event.deal_id in new and event.lead_id and event.cycle
    ]
    await lifecycle.follow(context.session, changes, now=context.now)


async def note_moved_deals(context: Context, events: Sequence[DealStageChanged]) -> None:
    """A deal that counts as pipeline for the first time makes its lead an opportunity."""
    new = await deals.copy_moved(context.session, events, now=context.now)
    changes = [
        Change(
            event.lead_id,
            event.cycle,
            {"deal_id": event.deal_id, "opportunity_at": event.changed_at},
            Step(event.lead_id, event.cycle, Stage.OPPORTUNITY, event.changed_at),
        )
        for event in events
        if event.deal_id in new and event.became_opportunity and event.lead_id and event.cycle
    ]
    await lifecycle.follow(context.session, changes, now=context.now)


async def note_new_owners(context: Context, events: Sequence[DealOwnerChanged]) -> None:
    """Somebody else has the deal, its lead and its people."""
    await deals.copy_owned(context.session, events, now=context.now)


async def note_people(context: Context, events: Sequence[DealContactsChanged]) -> None:
    """Others are on the deal: their touches count when it is won."""
    await deals.copy_people(context.session, events, now=context.now)
