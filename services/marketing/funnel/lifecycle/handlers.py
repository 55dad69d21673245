"""What handoff says about leads: who owns them, who took them, which came back."""

from collections.abc import Sequence

from services.marketing.funnel.lifecycle import queries, use_cases
from services.marketing.funnel.lifecycle.rules import Change, Stage, Step
from shared.events.envelope import Event, LeadFact
from shared.events.handoff import LeadAccepted, LeadAssigned, LeadReturned
from shared.messaging.subscriptions import Context


async def note_owners(context: Context, events: Sequence[LeadAssigned]) -> None:
    """The rep a lead was offered to owns it until somebody else does."""
    changes = [
        Change(
            event.lead_id,
            event.cycle,
            {"rep_id": event.rep_id, "assigned_at": event.assigned_at},
            handoff_version=event.version,
        )
        for event in events
    ]
    await use_cases.follow(context.session, changes, now=context.now)


async def note_acceptances(context: Context, events: Sequence[LeadAccepted]) -> None:
    """Sales accepted the lead."""
    changes = [
        Change(
            event.lead_id,
            event.cycle,
            {"rep_id": event.rep_id, "accepted_at": event.accepted_at},
            Step(event.lead_id, event.cycle, Stage.SAL, event.accepted_at),
            handoff_version=event.version,
        )
        for event in events
    ]
    await use_cases.follow(context.session, changes, now=context.now)


async def recycle_leads(context: Context, events: Sequence[LeadReturned]) -> None:
    """Nobody works the lead any more: its cycle ends, and the next good reason opens another."""
    changes = [
        Change(
            event.lead_id,
            event.cycle,
            {"rep_id": None, "returned_at": event.returned_at, "return_reason": event.reason},
            Step(event.lead_id, event.cycle, Stage.RECYCLED, event.returned_at, event.reason),
            handoff_version=event.version,
        )
        for event in events
    ]
    await use_cases.follow(context.session, changes, now=context.now)


async def forget_assignments(context: Context, forged: Sequence[Event], _: Sequence[Event]) -> set[str]:
    """Let cycles be as if handoff had said nothing of them; what it did say is heard again."""
    told = {event.lead_id for event in forged if isinstance(event, LeadFact)}
    keys = await queries.keys_of(context.session, sorted(told))
    await use_cases.forget(context.session, keys, use_cases.OF_HANDOFF)
    return {str(lead_id) for lead_id in told}
