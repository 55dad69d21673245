"""From captured leads to contacts, touches and leads: a whole batch at once, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.acquisition.campaigns import queries as campaigns
from services.marketing.acquisition.campaigns.rules import CampaignFacts, CampaignReference
from services.marketing.capture.connectors.rules import CapturedLead
from services.marketing.capture.deliveries.writes import Raw
from services.marketing.capture.sources.rules import OUR_FIELDS
from services.marketing.capture.submissions import rules
from services.marketing.capture.submissions.rules import State, Verdict
from services.marketing.funnel.leads import use_cases as leads
from services.marketing.funnel.leads.rules import ScoredSubmission
from services.marketing.people.contacts import use_cases as contacts
from services.marketing.people.contacts.rules import Identified
from shared.database.sessions import driver

# What could not be used under the name of a field of ours, and prose, is no fact.
NOT_SCORED = (OUR_FIELDS | {"message"}) - {"job_title"}
SCORED_ANSWER = 100  # characters; a longer answer is prose, of which only the length counts
SAVE = """
INSERT INTO submissions (id, delivery_id, item, door, source_id, external_id, state, waits_for, reason,
                         detail, captured, contact_id, lead_id, campaign_id, traceparent, received_at,
                         occurred_at, backfilled, settled_at, next_attempt_at)
SELECT i, d, n, o, so, e, s, w, r, de, c::jsonb, co, l, ca, t, re, oc, b,
       CASE WHEN s = 'pending' THEN NULL ELSE $19::timestamptz END, CASE WHEN w = 'details' THEN $19 END
FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::text[],
            $9::text[], $10::text[], $11::text[], $12::uuid[], $13::uuid[], $14::uuid[], $15::text[],
            $16::timestamptz[], $17::timestamptz[], $18::bool[])
     AS x(i, d, n, o, so, e, s, w, r, de, c, co, l, ca, t, re, oc, b)
ON CONFLICT (id) DO UPDATE SET
    state = excluded.state, waits_for = excluded.waits_for, reason = excluded.reason,
    detail = excluded.detail, captured = excluded.captured,
    contact_id = excluded.contact_id, lead_id = excluded.lead_id,
    campaign_id = excluded.campaign_id, occurred_at = excluded.occurred_at, backfilled = excluded.backfilled,
    settled_at = excluded.settled_at, next_attempt_at = excluded.next_attempt_at
"""


@dataclass(slots=True)
class Item:
    """One submission being settled, and what became of it so far."""

    id: UUID
    number: int
    raw: Raw
    lead: CapturedLead
    default_campaign: UUID | None = None
    released: bool = False
    state: State = "pending"
    waits_for: str | None = None
    reason: str | None = None
    detail: str | None = None
    contact_id: UUID | None = None
    lead_id: UUID | None = None
    campaign: CampaignFacts | None = None

    def refuse(self, verdict: Verdict) -> None:
        self.state, self.reason, self.detail = verdict.state, verdict.reason, verdict.detail


async def process_submissions(session: AsyncSession, items: Sequence[Item], *, now: datetime) -> None:
    """Judge, identify and register these leads, and write their submissions."""
    if not items:
        return
    accepted: list[Item] = []
    for item in items:
        verdict = None if item.lead.awaits_details else rules.judge(item.lead, released=item.released)
        if verdict is not None:
            item.refuse(verdict)
        elif item.lead.awaits_details:
            item.waits_for = "details"
        else:
            accepted.append(item)
    await _name_campaigns(session, items)
    people = await contacts.identify(session, [item.lead.person for item in accepted], now=now)
    arrivals = [_arrival(item, found) for item, found in zip(accepted, people, strict=True)]
    for item, found, registered in zip(
        accepted, people, await leads.register(session, arrivals, now=now), strict=True
    ):
        item.contact_id, item.lead_id = found.contact_id, registered.lead_id
        item.state = "created" if registered.created else "merged"
    await save(session, items, now=now)


async def _name_campaigns(session: AsyncSession, items: Sequence[Item]) -> None:
    """The campaign of each lead: the first of its references that is known, else its source's own."""
    references = [reference for item in items for reference in _references(item)]
    known = await campaigns.resolve(session, references)
    for item in items:
        item.campaign = next((known[r] for r in _references(item) if r in known), None)


def _references(item: Item) -> list[CampaignReference]:
    default = item.default_campaign
    return [*item.lead.campaigns, *([CampaignReference("id", str(default))] if default else [])]


def _arrival(item: Item, found: Identified) -> ScoredSubmission:
    lead = item.lead
    occurred_at, backfilled = rules.when(lead, item.raw.received_at)
    return ScoredSubmission(
        contact_id=found.contact_id,
        submission_id=item.id,
        received_at=item.raw.received_at,
        occurred_at=occurred_at,
        source=item.raw.door,
        backfilled=backfilled,
        channel=item.campaign.channel if item.campaign else None,
        campaign_id=item.campaign.id if item.campaign else None,
        hand_raiser=lead.hand_raiser,
        utm=lead.utm,
        click_ids=lead.click_ids,
        landing_url_path=lead.landing_path,
        session_id=lead.session_id,
        company_id=found.company_id,
        company_name=found.company_name,
        company_domain=found.company_domain,
        company_size=found.company_size or lead.person.company_size,
        industry=found.industry or lead.person.industry,
        country=found.country,
        region=found.region,
        language=found.language,
        time_zone=found.time_zone,
        answers=_scored(lead),
        traceparent=item.raw.traceparent,
    )


def _scored(lead: CapturedLead) -> dict[str, str]:
    """The answers scoring may look at: short ones, and how much somebody wrote."""
    short = {
        name: answer
        for name, answer in lead.answers.items()
        if len(answer) <= SCORED_ANSWER and name not in NOT_SCORED
    }
    return {**short, "message_length": str(len(lead.answers.get("message", "")))}


def _captured(lead: CapturedLead) -> str:
    """What was understood, for people to look at, as JSON."""
    person = lead.person
    shown = {
        "email": person.email,
        "phone": person.phone,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "job_title": person.job_title,
        "company_name": person.company_name,
        "company_domain": person.company_domain,
        "company_size": person.company_size,
        "industry": person.industry,
        "country": person.country,
        "region": person.region,
        "language": person.language,
        "time_zone": person.time_zone,
        "utm": dict(lead.utm),
        "click_ids": dict(lead.click_ids),
        "landing_path": lead.landing_path,
        "session_id": lead.session_id,
        "answers": dict(lead.answers),
        "hand_raiser": lead.hand_raiser or None,
    }
    return orjson.dumps({name: value for name, value in shown.items() if value}).decode()


async def save(session: AsyncSession, items: Sequence[Item], *, now: datetime) -> None:
    """Write submissions: new ones, and new states of known ones."""
    connection = await driver(session)
    times = [rules.when(item.lead, item.raw.received_at) for item in items]
    await connection.execute(
        SAVE,
        [item.id for item in items],
        [item.raw.id for item in items],
        [item.number for item in items],
        [item.raw.door for item in items],
        [item.raw.source_id for item in items],
        [item.lead.external_id for item in items],
        [item.state for item in items],
        [item.waits_for for item in items],
        [item.reason for item in items],
        [item.detail for item in items],
        [_captured(item.lead) for item in items],
        [item.contact_id for item in items],
        [item.lead_id for item in items],
        [item.campaign.id if item.campaign else None for item in items],
        [item.raw.traceparent for item in items],
        [item.raw.received_at for item in items],
        [occurred_at for occurred_at, _ in times],
        [backfilled for _, backfilled in times],
        now,
    )
