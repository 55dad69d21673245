"""What handoff does when a lead qualifies: route it, offer it to whose turn it is, tell the others."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from asyncpg import Record

from services.handoff.routing.allocation import queries
from services.handoff.routing.allocation.rules import Waiting, grade_band
from services.handoff.routing.allocation.use_cases import allocate, supersede
from services.handoff.routing.rule_sets.queries import active_rules
from services.handoff.routing.rule_sets.rules import RuleBook, first_match
from shared.events.marketing import LeadQualified
from shared.messaging.subscriptions import Context

FIRST_OFFER = 1  # a hop cap that a lead without an offer never reaches


async def offer_leads(context: Context, events: Sequence[LeadQualified]) -> None:
    """Offer each newly qualified lead; one that nobody can take waits in the pool.

    A cycle that is not newer than the one known changes nothing.
    """
    session, now = context.session, context.now
    known = await queries.newest_cycles(session, [event.lead_id for event in events])
    fresh = [event for event in events if _is_newer(event, known)]
    if not fresh:
        return
    older = [known[event.lead_id] for event in fresh if event.lead_id in known]
    freed = await supersede(session, older, now=now)
    book = await active_rules(session)
    leads = [_waiting(event, book, known) for event in fresh]
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
    )
