"""What sales does when a lead it works is returned."""

from collections.abc import Sequence

from services.sales.selling.closing.use_cases import disqualify
from services.sales.selling.deals import queries
from services.sales.selling.deals.rules import OPEN
from shared.events.handoff import LeadReturned
from shared.messaging import outbox
from shared.messaging.subscriptions import Context

HANDOFF = "service:handoff"


async def disqualify_deals(context: Context, events: Sequence[LeadReturned]) -> None:
    """Close the open deals of these leads. One that was won or lost meanwhile stays as it is."""
    returned = {(event.lead_id, event.cycle): event for event in events if event.after_acceptance}
    if not returned:
        return
    closed = []
    for deal in await queries.lock_deals_of_leads(context.session, [lead_id for lead_id, _ in returned]):
        event = returned.get((deal.lead_id, deal.cycle)) if deal.lead_id and deal.cycle else None
        if event is None or deal.state != OPEN:
            continue
        closed.append(
            disqualify(
                context.session,
                deal,
                reason=event.reason,
                by=HANDOFF,
                at=event.returned_at,
                traceparent=event.traceparent,
            )
        )
    await outbox.stage(context.session, closed)
