"""The set-based writes of leads, and of how many came on a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from services.marketing.funnel.leads.arrivals import ScoredSubmission, channel_of
from services.marketing.funnel.leads.remaining import Remaining
from services.marketing.funnel.leads.rules import LeadState
from services.marketing.funnel.leads.tables import Lead, LeadDay
from shared.database import bulk


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadRow:
    """What every arrival may change of a lead."""

    id: UUID
    cycle: int
    event_version: int
    fit: int
    engagement: int
    score: int
    reasons: tuple[str, ...]
    scoring_model: int
    facts: Mapping[str, Any]
    arrivals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLeadRow(LeadRow):
    """A new lead, with where it came from."""

    contact_id: UUID
    source: str
    channel: str
    campaign_id: UUID | None
    submission_id: UUID
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RemainingRow(LeadRow):
    """A lead as what remains of its submissions makes it. One of which nothing remains keeps its origin."""

    first_cycle: int
    source: str
    channel: str
    campaign_id: UUID | None
    submission_id: UUID | None
    occurred_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class CountedLeads:
    """What is added to the sum of a day."""

    day: date
    campaign_id: UUID
    channel: str
    leads: int
    mqls: int


class Moved(NamedTuple):
    """A submission whose touch a campaign has claimed."""

    lead_id: UUID
    submission_id: UUID
    campaign_id: UUID
    channel: str


INSERT = bulk.insert(
    Lead,
    NewLeadRow,
    constants=("recorded_at", "updated_at"),
    order_by=("contact_id",),
    on_conflict=bulk.keep("contact_id"),
    returning=("contact_id",),
)
UPDATE = bulk.update(Lead, LeadRow, key=("id",), constants=("updated_at",))
# All of it was taken back, and its person has come again. Its contact stays who it was.
BEGIN_AGAIN = bulk.update(
    Lead, NewLeadRow, key=("id", "contact_id"), constants=("updated_at",), computed={"withdrawn_at": "NULL"}
)
REMAIN = bulk.update(Lead, RemainingRow, key=("id",), constants=("updated_at",))
# In one order, so that batches that have to share a shard wait for each other instead of deadlocking.
COUNT = bulk.insert(
    LeadDay,
    CountedLeads,
    computed={"shard": bulk.free_shard("marketing.lead_days")},
    order_by=("day", "campaign_id", "channel"),
    on_conflict=bulk.replace(
        "day",
        "campaign_id",
        "channel",
        "shard",
        leads="t.leads + excluded.leads",
        mqls="t.mqls + excluded.mqls",
    ),
)

# A campaign takes the leads that began with these submissions; each with where it was counted before.
# The caller has locked the leads.
MOVE_LEADS = bulk.Statement(
    """
WITH x AS (SELECT * FROM {moved}),
before AS (
    SELECT l.id, l.channel, l.occurred_at, x.campaign_id, x.channel AS new_channel
    FROM leads l JOIN x ON l.id = x.lead_id AND l.submission_id = x.submission_id
    WHERE l.campaign_id IS NULL
)
UPDATE leads l SET campaign_id = b.campaign_id, channel = b.new_channel
FROM before b WHERE l.id = b.id
RETURNING l.id, b.occurred_at, b.channel, b.campaign_id, b.new_channel
""",
    moved=bulk.Rows(Lead, Moved, types={"lead_id": "uuid"}),
)


def lead_row(lead: LeadState) -> LeadRow:
    return LeadRow(**_scored(lead))


def remaining_row(one: Remaining, now: datetime) -> RemainingRow:
    origin = one.origin
    return RemainingRow(
        **_scored(one.lead),
        first_cycle=one.lead.first_cycle,
        source=origin.source,
        channel=origin.channel,
        campaign_id=origin.campaign_id,
        submission_id=origin.submission_id,
        occurred_at=one.lead.began_at,
        withdrawn_at=now if one.lead.withdrawn else None,
    )


def new_lead_row(lead: LeadState, first: ScoredSubmission) -> NewLeadRow:
    return NewLeadRow(
        **_scored(lead),
        contact_id=lead.contact_id,
        source=first.source,
        channel=channel_of(first),
        campaign_id=first.campaign_id,
        submission_id=first.submission_id,
        occurred_at=first.occurred_at,
    )


def _scored(lead: LeadState) -> dict[str, Any]:
    score = lead.score
    if score is None:
        raise ValueError(f"Lead {lead.lead_id} is written before it was scored.")
    return {
        "id": lead.lead_id,
        "cycle": lead.cycle,
        "event_version": lead.event_version,
        "fit": score.fit,
        "engagement": score.engagement,
        "score": score.total,
        "reasons": tuple([reason.code for reason in score.reasons]),
        "scoring_model": score.model,
        "facts": lead.facts,
        "arrivals": lead.arrivals,
    }
