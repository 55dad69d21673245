"""Registering leads: scored submissions become touches, leads, cycles and announcements."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.acquisition.campaigns.rules import NIL
from services.marketing.acquisition.channels.rules import RULES_VERSION
from services.marketing.funnel.leads import queries, rules
from services.marketing.funnel.leads.arrivals import ScoredSubmission, by_contact, channel_of, visit_of
from services.marketing.funnel.leads.rules import (
    Applied,
    LeadState,
    Qualification,
    Registered,
    Resubmission,
)
from services.marketing.funnel.leads.writes import (
    BEGIN_AGAIN,
    COUNT,
    INSERT,
    UPDATE,
    CountedLeads,
    lead_row,
    new_lead_row,
)
from services.marketing.funnel.lifecycle import use_cases as lifecycle
from services.marketing.funnel.lifecycle.rules import Stage, Step
from services.marketing.funnel.lifecycle.writes import OpenCycle
from services.marketing.funnel.scoring import queries as scoring
from services.marketing.people.touches import queries as touches
from services.marketing.people.touches import use_cases as touching
from services.marketing.people.touches.rules import NewTouch
from shared import clock
from shared.database.sessions import driver
from shared.events.marketing import LeadQualified, LeadResubmitted
from shared.messaging import outbox


async def register(
    session: AsyncSession, arrivals: Sequence[ScoredSubmission], *, now: datetime
) -> list[Registered]:
    """Record the touch of each arrival, find or create its contact's lead, score it, qualify it.

    Loads once, decides over the whole batch, writes once. Answers in the order given.
    """
    if not arrivals:
        return []
    await touching.adopt(session, [visit_of(arrival) for arrival in arrivals])
    before = await touches.counts(session, list({arrival.contact_id for arrival in arrivals}))
    met = [(touch_of(arrival), arrival.references) for arrival in arrivals if not arrival.amends]
    references = {touch.id: named for touch, named in met}
    await touching.record(session, [touch for touch, _ in met], references, now=now)
    applied = await apply(session, arrivals, before, now=now)
    await _count(session, applied)
    grouped = by_contact(arrivals)
    outcomes = {
        arrival.submission_id: outcome
        for one in applied
        for arrival, outcome in zip(grouped[one.lead.contact_id], one.outcomes, strict=True)
    }
    return [outcomes[arrival.submission_id] for arrival in arrivals]


def touch_of(arrival: ScoredSubmission) -> NewTouch:
    """The touch that every submission is, unless it amends one."""
    return NewTouch(
        id=clock.new_id(),
        contact_id=arrival.contact_id,
        kind="submission",
        source=arrival.source,
        channel=channel_of(arrival),
        occurred_at=arrival.occurred_at,
        submission_id=arrival.submission_id,
        campaign_id=arrival.campaign_id,
        session_id=arrival.session_id,
        visitor_id=arrival.visitor_id,
        landing_path=arrival.landing_url_path,
        referrer=arrival.referrer,
        self_reported=arrival.self_reported,
        utm=arrival.utm,
        click_ids=arrival.click_ids,
        channel_rules=None if arrival.channel else RULES_VERSION,
    )


async def apply(
    session: AsyncSession, arrivals: Sequence[ScoredSubmission], before: Mapping[UUID, int], *, now: datetime
) -> list[Applied]:
    grouped = by_contact(arrivals)
    model = await scoring.active_model(session)
    known = await queries.lock_leads(session, list(grouped))
    applied: list[Applied] = []
    for contact_id, several in grouped.items():
        lead = known.get(contact_id) or rules.new_lead(clock.new_id(now), several[0])
        if lead.withdrawn:
            lead = rules.begin_again(lead, several[0])
        applied.append(rules.apply_submissions(lead, several, model, touches=before.get(contact_id, 0)))

    overtaken = await _save_leads(session, [one.lead for one in applied], now=now)
    kept = [one for one in applied if one.lead.contact_id not in overtaken]
    await _save_cycles(session, kept, now=now)
    await outbox.stage(session, [event for one in kept for event in announcements(one, now)])
    if overtaken:
        # Another transaction made these leads meanwhile and has committed, so now they are found.
        late = [arrival for arrival in arrivals if arrival.contact_id in overtaken]
        kept += await apply(session, late, before, now=now)
    return kept


async def _count(session: AsyncSession, applied: Sequence[Applied]) -> None:
    """Add what came of a batch to the sums of its days: one statement, once in a transaction."""
    leads, mqls = rules.counts_by_day(applied)
    counted = [
        CountedLeads(origin[0], origin[1] or NIL, origin[2], leads[origin], mqls[origin])
        for origin in leads | mqls
    ]
    await COUNT(await driver(session), counted)


async def _save_leads(session: AsyncSession, leads: Sequence[LeadState], *, now: datetime) -> set[UUID]:
    """Write the leads. Answers the contacts whose new lead somebody else was faster to make."""
    connection = await driver(session)
    known = [lead_row(lead) for lead in leads if lead.first is None]
    await UPDATE(connection, known, updated_at=now)
    again = [new_lead_row(lead, lead.first) for lead in leads if lead.first and not lead.is_new]
    await BEGIN_AGAIN(connection, again, updated_at=now)
    new = [new_lead_row(lead, lead.first) for lead in leads if lead.is_new and lead.first]
    made = await INSERT(connection, new, recorded_at=now, updated_at=now)
    return {lead.contact_id for lead in new} - {row["contact_id"] for row in made}


async def _save_cycles(session: AsyncSession, applied: Sequence[Applied], *, now: datetime) -> None:
    """Cycles that begin or qualify with these arrivals, and their lines in the log."""
    cycles: list[OpenCycle] = []
    steps: list[Step] = []
    for one in applied:
        lead, found = one.lead, one.qualification
        if lead.first is not None:
            steps.append(Step(lead.lead_id, lead.cycle, Stage.LEAD, lead.began_at))
        if found is not None:
            steps.append(Step(lead.lead_id, found.lead.cycle, Stage.MQL, found.at))
        decisive = found.arrival if found else lead.first
        if decisive is not None:
            cycles.append(_open_cycle(lead, decisive, qualified_at=found.at if found else None))
    await lifecycle.open_cycles(session, cycles, steps, now=now)


def _open_cycle(lead: LeadState, arrival: ScoredSubmission, *, qualified_at: datetime | None) -> OpenCycle:
    return OpenCycle(
        lead_id=lead.lead_id,
        cycle=lead.cycle,
        stage=lead.stage,
        source=arrival.source,
        channel=channel_of(arrival),
        campaign_id=arrival.campaign_id,
        submission_id=arrival.submission_id,
        received_at=arrival.received_at,
        qualified_at=qualified_at,
        backfill=arrival.backfill if qualified_at else None,
    )


def announcements(applied: Applied, now: datetime) -> list[LeadQualified | LeadResubmitted]:
    """What the others are told of a lead, by its versions: it qualifies before it comes again."""
    qualified = [announcement(applied.qualification, now)] if applied.qualification else []
    return [*qualified, *map(resubmitted, applied.resubmissions)]


def resubmitted(again: Resubmission) -> LeadResubmitted:
    arrival = again.arrival
    return LeadResubmitted(
        lead_id=again.lead.lead_id,
        cycle=again.lead.cycle,
        version=again.lead.event_version,
        traceparent=arrival.traceparent,
        contact_id=arrival.contact_id,
        submission_id=arrival.submission_id,
        source=arrival.source,
        form_id=arrival.source_id,
        campaign_id=arrival.campaign_id,
        hand_raiser=arrival.hand_raiser,
        received_at=arrival.received_at,
    )


def announcement(found: Qualification, now: datetime) -> LeadQualified:
    """What handoff is told. Ids and facts that decide; nothing personal."""
    arrival, score = found.arrival, found.score
    return LeadQualified(
        lead_id=found.lead.lead_id,
        cycle=found.lead.cycle,
        version=found.lead.event_version,
        traceparent=arrival.traceparent,
        contact_id=arrival.contact_id,
        received_at=arrival.received_at,
        qualified_at=now,
        backfilled=arrival.backfilled,
        route=arrival.backfill == "routed",
        source=arrival.source,
        campaign_id=arrival.campaign_id,
        channel=channel_of(arrival),
        hand_raiser=arrival.hand_raiser,
        score=score.total,
        fit=score.fit,
        engagement=score.engagement,
        reasons=tuple(reason.code for reason in score.reasons),
        scoring_model=score.model,
        country=arrival.country,
        region=arrival.region,
        language=arrival.language,
        time_zone=arrival.time_zone,
        company_id=arrival.company_id,
        company_name=arrival.company_name,
        company_domain=arrival.company_domain,
        company_size=arrival.company_size,
        industry=arrival.industry,
    )
