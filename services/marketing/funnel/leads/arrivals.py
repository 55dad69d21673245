"""What arrives at a lead: one read submission, where it came from, whose visit it was. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.marketing.acquisition.campaigns.rules import CampaignReference
from services.marketing.acquisition.channels.rules import classify
from services.marketing.funnel.lifecycle.rules import Backfill
from services.marketing.people.touches.rules import NamedVisit

UNSAID = frozenset(["direct", "other"])  # channels of which the door may know better


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredSubmission:
    """One read submission of an identified person. `occurred_at` may lie in the past (backfill)."""

    contact_id: UUID
    submission_id: UUID
    received_at: datetime
    occurred_at: datetime
    source: str
    # The form or connection it came through.
    source_id: UUID | None = None
    backfilled: bool = False
    # A backfilled one that somebody wants a rep to be offered all the same.
    route: bool = False
    channel: str | None = None
    campaign_id: UUID | None = None
    # Where those of its door come from when neither a campaign nor a link says so.
    implied_channel: str | None = None
    hand_raiser: bool = False
    utm: Mapping[str, str] = field(default_factory=dict)
    click_ids: Mapping[str, str] = field(default_factory=dict)
    landing_url_path: str | None = None
    session_id: str | None = None
    visitor_id: str | None = None
    referrer: str | None = None
    self_reported: str | None = None
    # All that may name the campaign: kept while none of them names one.
    references: Sequence[CampaignReference] = ()
    company_id: UUID | None = None
    company_name: str | None = None
    company_domain: str | None = None
    company_size: int | None = None
    industry: str | None = None
    country: str | None = None
    region: str | None = None
    language: str | None = None
    time_zone: str | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    traceparent: str | None = None
    # It corrects what an earlier one said: the lead is scored by it, but nobody came a second time.
    amends: bool = False

    @property
    def backfill(self) -> Backfill | None:
        """What a cycle that this one qualifies is: None when it is live."""
        if not self.backfilled:
            return None
        return "routed" if self.route else "held"


def channel_of(arrival: ScoredSubmission) -> str:
    """Where a touch came from: its campaign's channel, or what its link and referrer say, or its door.

    The door speaks, too, where a link says only that there was one; a touch nobody knows more of is direct.
    """
    if arrival.channel:
        return arrival.channel
    return channel_without_campaign(
        arrival.utm, arrival.click_ids, arrival.referrer, implied=arrival.implied_channel
    )


def channel_without_campaign(
    utm: Mapping[str, str], click_ids: Mapping[str, str], referrer: str | None, *, implied: str | None
) -> str:
    linked = classify(utm, click_ids, referrer)
    return implied or linked if linked in UNSAID else linked


def visit_of(arrival: ScoredSubmission) -> NamedVisit:
    """Whose session and browser it was that sent this."""
    return NamedVisit(arrival.contact_id, arrival.session_id, arrival.visitor_id)


def by_contact(arrivals: Iterable[ScoredSubmission]) -> dict[UUID, list[ScoredSubmission]]:
    """Arrivals of each contact, in the order given."""
    grouped: dict[UUID, list[ScoredSubmission]] = {}
    for arrival in arrivals:
        grouped.setdefault(arrival.contact_id, []).append(arrival)
    return grouped
