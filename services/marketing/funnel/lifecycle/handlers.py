"""What handoff says about leads: who owns them, who took them, which came back."""

from collections.abc import Mapping, Sequence

from services.marketing.funnel.lifecycle import queries, use_cases
from services.marketing.funnel.lifecycle.rules import Change, Cycle, CycleKey, Stage, Step
from services.marketing.people.holds import use_cases as holds
from services.marketing.people.holds.rules import LeadState
from services.marketing.people.holds.writes import END, EndedRow, HoldRow
from shared.database.sessions import driver
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
    cycles = await use_cases.follow(context.session, changes, now=context.now)
    rows = [_held(event, "offered", cycles) for event in events if _key(event) in cycles]
    await holds.hold_leads(context.session, rows)


async def note_acceptances(context: Context, events: Sequence[LeadAccepted]) -> None:
    """Sales accepted the lead."""
    changes = [
        Change(
            event.lead_id,
            event.cycle,
            {"rep_id": event.rep_id, "accepted_at": event.accepted_at},
            (Step(event.lead_id, event.cycle, Stage.SAL, event.accepted_at),),
            handoff_version=event.version,
        )
        for event in events
    ]
    cycles = await use_cases.follow(context.session, changes, now=context.now)
    rows = [_held(event, "accepted", cycles) for event in events if _key(event) in cycles]
    await holds.hold_leads(context.session, rows)


def _key(event: LeadFact) -> CycleKey:
    return CycleKey(event.lead_id, event.cycle)


def _held(event: LeadAssigned | LeadAccepted, state: LeadState, cycles: Mapping[CycleKey, Cycle]) -> HoldRow:
    """Whose the lead is now. An offer of a cycle that was taken back meanwhile shows nobody."""
    until = None
    if isinstance(event, LeadAssigned):
        withdrawn_at = cycles[_key(event)].withdrawn_at
        until = event.answer_by if withdrawn_at is None else min(event.answer_by, withdrawn_at)
    return HoldRow(
        source_id=event.lead_id,
        contact_id=event.contact_id,
        kind="lead",
        version=event.version,
        lead_id=event.lead_id,
        cycle=event.cycle,
        rep_id=event.rep_id,
        state=state,
        until=until,
    )


async def recycle_leads(context: Context, events: Sequence[LeadReturned]) -> None:
    """Nobody works the lead any more: its cycle ends, and the next good reason opens another."""
    changes = [
        Change(
            event.lead_id,
            event.cycle,
            {"rep_id": None, "returned_at": event.returned_at, "return_reason": event.reason},
            (Step(event.lead_id, event.cycle, Stage.RECYCLED, event.returned_at, event.reason),),
            handoff_version=event.version,
        )
        for event in events
    ]
    await use_cases.follow(context.session, changes, now=context.now)
    ended = [EndedRow(event.lead_id, event.version, "returned", event.returned_at) for event in events]
    await END(await driver(context.session), ended)


async def forget_assignments(context: Context, forged: Sequence[Event], _: Sequence[Event]) -> set[str]:
    """Let cycles be as if handoff had said nothing of them; what it did say is heard again."""
    told = {event.lead_id for event in forged if isinstance(event, LeadFact)}
    keys = await queries.keys_of(context.session, sorted(told))
    await use_cases.forget(context.session, keys, use_cases.OF_HANDOFF)
    await holds.forget(context.session, told)
    return {str(lead_id) for lead_id in told}
