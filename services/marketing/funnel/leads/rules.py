"""What an arriving submission does to a lead. Pure: known come in, what to write comes out."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from uuid import UUID

from services.marketing.acquisition.campaigns.rules import CampaignReference
from services.marketing.acquisition.channels.rules import classify
from services.marketing.funnel.lifecycle.rules import CLOSED, Backfill, Stage
from services.marketing.funnel.scoring.rules import Fact, Facts, Model, Score, evaluate, qualifies
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


@dataclass(frozen=True, slots=True)
class Registered:
    """What became of an arrival. `created` is a new lead; every other arrival merged into one."""

    lead_id: UUID
    cycle: int
    created: bool
    qualified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadState:
    """A lead as it stands, its row locked. `score` is None until an arrival is weighed.

    `backfill` says whether what qualified its cycle was of the past, and was to be routed.
    """

    lead_id: UUID
    contact_id: UUID
    cycle: int
    stage: Stage
    event_version: int
    arrivals: int
    began_at: datetime
    facts: Facts = field(default_factory=dict)
    score: Score | None = None
    is_new: bool = False
    first: ScoredSubmission | None = None
    backfill: Backfill | None = None


@dataclass(frozen=True, slots=True)
class Qualification:
    """The lead crossed the line: handoff is told, once per cycle."""

    lead: LeadState
    arrival: ScoredSubmission
    score: Score
    at: datetime


@dataclass(frozen=True, slots=True)
class Applied:
    """The lead after its arrivals, and what has to be written and told."""

    lead: LeadState
    outcomes: tuple[Registered, ...]
    qualification: Qualification | None


def new_lead(lead_id: UUID, arrival: ScoredSubmission) -> LeadState:
    """The lead a contact becomes with the first arrival."""
    return LeadState(
        lead_id=lead_id,
        contact_id=arrival.contact_id,
        cycle=1,
        stage=Stage.LEAD,
        event_version=0,
        arrivals=0,
        began_at=arrival.occurred_at,
        is_new=True,
        first=arrival,
    )


def apply_submissions(
    lead: LeadState, arrivals: Sequence[ScoredSubmission], model: Model, *, touches: int
) -> Applied:
    """Let the arrivals of one contact happen to its lead, in order.

    One cycle at most is told of: the first that qualifies opens (or reopens) it, the others find it open.
    When it was of the past, a live one beside it qualifies the same cycle.
    """
    outcomes: list[Registered] = []
    qualification: Qualification | None = None
    for arrival in arrivals:
        created = lead.is_new and not outcomes
        touches += not arrival.amends
        lead = score(lead, arrival, model, touches=touches)
        found = qualify(lead, arrival, model)
        if found is not None:
            qualification = _in_its_place(qualification, found)
            lead = qualification.lead
        outcomes.append(Registered(lead.lead_id, lead.cycle, created, found is not None))
    return Applied(lead, tuple(outcomes), qualification)


def _in_its_place(earlier: Qualification | None, found: Qualification) -> Qualification:
    """Nobody was told of the earlier one of the same batch yet: this one takes its cycle and number."""
    if earlier is None:
        return found
    told = replace(found.lead, cycle=earlier.lead.cycle, event_version=earlier.lead.event_version)
    return replace(found, lead=told)


def score(lead: LeadState, arrival: ScoredSubmission, model: Model, *, touches: int) -> LeadState:
    """Score the lead again with what this arrival adds to what was known."""
    arrived = lead.arrivals + (not arrival.amends)
    facts = known_facts(lead.facts, arrival, arrivals=arrived, touches=touches)
    return replace(lead, arrivals=arrived, facts=facts, score=evaluate(model, facts))


def qualify(lead: LeadState, arrival: ScoredSubmission, model: Model) -> Qualification | None:
    """The lead in its new cycle, when this arrival qualifies it and no cycle is open with sales."""
    if lead.score is None or not qualifies(model, lead.score, hand_raiser=arrival.hand_raiser):
        return None
    if lead.stage != Stage.LEAD and lead.stage not in CLOSED and not wakes(lead, arrival):
        return None
    qualified = replace(
        lead,
        cycle=lead.cycle if lead.stage == Stage.LEAD else lead.cycle + 1,
        stage=Stage.MQL,
        event_version=lead.event_version + 1,
        backfill=arrival.backfill,
    )
    return Qualification(qualified, arrival, lead.score, max(arrival.occurred_at, lead.began_at))


def wakes(lead: LeadState, arrival: ScoredSubmission) -> bool:
    """Whether the arrival makes a live lead of one that only history had qualified.

    Nobody in sales has it in hand yet: without this a person who was loaded with a CRM's leads could write
    as often as they like, and no rep would hear of it.
    """
    if lead.stage != Stage.MQL or lead.backfill is None:
        return False
    return not arrival.backfilled or (arrival.route and lead.backfill == "held")


def known_facts(before: Facts, arrival: ScoredSubmission, *, arrivals: int, touches: int) -> dict[str, Fact]:
    """What scoring may look at: answers, then our own facts, which an answer can't overwrite."""
    own: dict[str, Fact] = {
        "source": arrival.source,
        "channel": channel_of(arrival),
        "utm_medium": arrival.utm.get("medium"),
        "company_domain": arrival.company_domain,
        "company_size": arrival.company_size,
        "industry": arrival.industry,
        "country": arrival.country,
        "region": arrival.region,
        "language": arrival.language,
    }
    told = {name: answer for name, answer in arrival.answers.items() if answer}
    known = {name: fact for name, fact in own.items() if fact is not None}
    return {**before, **told, **known, "arrivals": arrivals, "touches": touches}


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


Origin = tuple[date, UUID | None, str]  # day, campaign, channel


def counts_by_day(applied: Iterable[Applied]) -> tuple[Counter[Origin], Counter[Origin]]:
    """New leads, by what brought them, and first qualifications, by what qualified them.

    A lead that qualifies again was recycled, and is no new MQL.
    """
    leads: Counter[Origin] = Counter()
    mqls: Counter[Origin] = Counter()
    for one in applied:
        first, found = one.lead.first, one.qualification
        if first is not None:
            leads[_origin(first, first.occurred_at)] += 1
        if found is not None and found.lead.cycle == 1:
            mqls[_origin(found.arrival, found.at)] += 1
    return leads, mqls


def _origin(arrival: ScoredSubmission, at: datetime) -> Origin:
    return at.astimezone(UTC).date(), arrival.campaign_id, channel_of(arrival)


def by_contact(arrivals: Iterable[ScoredSubmission]) -> dict[UUID, list[ScoredSubmission]]:
    """Arrivals of each contact, in the order given."""
    grouped: dict[UUID, list[ScoredSubmission]] = {}
    for arrival in arrivals:
        grouped.setdefault(arrival.contact_id, []).append(arrival)
    return grouped
