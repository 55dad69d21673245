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
    """Sales has a deal for the lead. That says no more than that it was accepted: it is no SQL yet."""
    new = await deals.copy_opened(context.session, events, now=context.now)
    changes = [
        Change(event.lead_id, event.cycle, {"deal_id": event.deal_id})
        for event in events
        if event.deal_id in new and event.lead_id and event.cycle
    ]
    await lifecycle.follow(context.session, changes, now=context.now)


async def note_moved_deals(context: Context, events: Sequence[DealStageChanged]) -> None:
    """The first stage that qualifies makes the lead an SQL, the first that is pipeline an opportunity."""
    new = await deals.copy_moved(context.session, events, now=context.now)
    changes = [_came_further(event) for event in events if event.deal_id in new]
    await lifecycle.follow(context.session, [change for change in changes if change], now=context.now)


def _came_further(event: DealStageChanged) -> Change | None:
    # Told before it was told apart: whatever is an opportunity is qualified.
    qualified = event.became_opportunity if event.became_qualified is None else event.became_qualified
    reached = {
        "sql_at": (Stage.SQL, qualified),
        "opportunity_at": (Stage.OPPORTUNITY, event.became_opportunity),
    }
    facts = {name: event.changed_at for name, (_, did) in reached.items() if did}
    if not facts or event.lead_id is None or event.cycle is None:
        return None
    steps = tuple(
        Step(event.lead_id, event.cycle, stage, event.changed_at) for stage, did in reached.values() if did
    )
    return Change(event.lead_id, event.cycle, {"deal_id": event.deal_id, **facts}, steps)


async def note_new_owners(context: Context, events: Sequence[DealOwnerChanged]) -> None:
    """Somebody else has the deal, its lead and its people."""
    await deals.copy_owned(context.session, events, now=context.now)


async def note_people(context: Context, events: Sequence[DealContactsChanged]) -> None:
    """Others are on the deal: their touches count when it is won."""
    await deals.copy_people(context.session, events, now=context.now)
