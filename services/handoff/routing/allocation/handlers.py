"""What handoff does when a lead qualifies: route it, offer it to whose turn it is, tell the others."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from asyncpg import Record

from services.handoff.routing.allocation import queries, writes
from services.handoff.routing.allocation.rules import Waiting, grade_band, is_held
from services.handoff.routing.allocation.use_cases import allocate, supersede
from services.handoff.routing.rule_sets.queries import active_rules
from services.handoff.routing.rule_sets.rules import RuleBook, first_match
from shared.events.marketing import LeadQualified
from shared.messaging.subscriptions import Context

FIRST_OFFER = 1  # a hop cap that a lead without an offer never reaches


async def offer_leads(context: Context, events: Sequence[LeadQualified]) -> None:
    """Offer each newly qualified lead; one that nobody can take waits in the pool.

    One of the past is held: it is offered to nobody, takes no turn and starts no clock, unless somebody
    asked to route it. A cycle that is not newer than the one known changes nothing.
    """
    for each_lead_once in _rounds(events):
        await _offer(context, each_lead_once)


def _rounds(events: Sequence[LeadQualified]) -> Iterator[list[LeadQualified]]:
    """In rounds of which none names a lead twice: the next cycle of one overtakes what is known."""
    rest = list(events)
    while rest:
        first: dict[UUID, LeadQualified] = {}
        later = [event for event in rest if first.setdefault(event.lead_id, event) is not event]
        yield list(first.values())
        rest = later


async def _offer(context: Context, events: Sequence[LeadQualified]) -> None:
    session, now = context.session, context.now
    known = await queries.newest_cycles(session, [event.lead_id for event in events])
    fresh = [event for event in events if _is_newer(event, known)]
    if not fresh:
        return
    older = [known[event.lead_id] for event in fresh if event.lead_id in known]
    freed = await supersede(session, older, now=now)
    book = await active_rules(session)
    held = [_waiting(event, book, known) for event in fresh if is_held(event)]
    leads = [_waiting(event, book, known) for event in fresh if not is_held(event)]
    await writes.add_held(session, held)
    if leads or freed:
        await allocate(session, leads, now=now, hop_cap=FIRST_OFFER, freed=freed)


def _is_newer(event: LeadQualified, known: Mapping[UUID, Record]) -> bool:
    return event.lead_id not in known or event.cycle > known[event.lead_id]["cycle"]


def _waiting(event: LeadQualified, book: RuleBook, known: Mapping[UUID, Record]) -> Waiting:
    rule = first_match(book, event)
    before = known.get(event.lead_id)
    return Waiting(
        lead_id=event.lead_id,
        cycle=event.cycle,
        contact_id=event.contact_id,
        team_id=rule.team_id,
        band=grade_band(event.score, hand_raiser=event.hand_raiser),
        rule_set=book.version,
        rule_id=rule.id,
        version=before["version"] if before else 0,
        traceparent=event.traceparent,
        facts=event,
        backfilled=event.backfilled,
        qualified_at=event.qualified_at,
    )
