"""Taking back what forged events told of deals: copies, credits, sums, and the cycles that followed them."""

from collections.abc import Sequence

from services.marketing.funnel.deals import queries as deals
from services.marketing.funnel.deals import use_cases as copies
from services.marketing.funnel.lifecycle import use_cases as lifecycle
from services.marketing.funnel.lifecycle.rules import CycleKey
from services.marketing.revenue.attribution import queries
from services.marketing.revenue.attribution.writes import forget_credits
from shared.database.sessions import driver
from shared.events.envelope import Event
from shared.events.sales import DealFact
from shared.messaging.subscriptions import Context


async def forget_deals(context: Context, forged: Sequence[Event], _: Sequence[Event]) -> set[str]:
    """Forget these deals, and true ones of the same cycles, whose turn it was to be followed. Those that are
    true are told again: their credits are split over the touches as they are now.
    """
    told = [event for event in forged if isinstance(event, DealFact)]
    cycles = {CycleKey(event.lead_id, event.cycle) for event in told if event.lead_id and event.cycle}
    session = context.session
    await queries.take_turns(session)
    ids = await deals.of_the_same_cycles(session, {event.deal_id for event in told}, cycles)
    cycles |= await copies.forget(session, ids)
    await forget_credits(await driver(session), ids)
    await lifecycle.forget(session, cycles, lifecycle.OF_SALES)
    return {str(deal_id) for deal_id in ids}
