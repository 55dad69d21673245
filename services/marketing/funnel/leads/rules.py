"""What an arriving submission does to a lead. Pure: known come in, what to write comes out."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from uuid import UUID

from services.marketing.funnel.leads.arrivals import ScoredSubmission, channel_of
from services.marketing.funnel.lifecycle.rules import CLOSED, Backfill, Stage
from services.marketing.funnel.scoring.rules import Fact, Facts, Model, Score, evaluate, qualifies


@dataclass(frozen=True, slots=True)
class Registered:
    """What became of an arrival. `created` is a new lead; every other arrival merged into one."""

    lead_id: UUID
    cycle: int
    created: bool
    qualified: bool


@dataclass(frozen=True, slots=True)
class LeadOrigin:
    """What a known lead began with, and where that came from."""

    source: str
    submission_id: UUID | None
    campaign_id: UUID | None
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadState:
    """A lead as it stands, its row locked. `score` is None until an arrival is weighed.

    `backfill` says whether what qualified its cycle was of the past, and was to be routed. `first` is the
    arrival it begins with, of one that is new or begins again after all of it was `withdrawn`.
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
    first_cycle: int = 1
    withdrawn: bool = False
    began_with: LeadOrigin | None = None


@dataclass(frozen=True, slots=True)
class Qualification:
    """The lead crossed the line: handoff is told, once per cycle."""

    lead: LeadState
    arrival: ScoredSubmission
    score: Score
    at: datetime


@dataclass(frozen=True, slots=True)
class Resubmission:
    """Somebody whom sales has already writes again: who works on it is told, each time."""

    lead: LeadState
    arrival: ScoredSubmission


@dataclass(frozen=True, slots=True)
class Applied:
    """The lead after its arrivals, and what has to be written and told."""

    lead: LeadState
    outcomes: tuple[Registered, ...]
    qualification: Qualification | None
    resubmissions: tuple[Resubmission, ...] = ()


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


def begin_again(lead: LeadState, arrival: ScoredSubmission) -> LeadState:
    """A lead of which all was taken back, with the next arrival of its person: as if new, in a new cycle."""
    return replace(
        lead,
        cycle=lead.cycle + 1,
        stage=Stage.LEAD,
        arrivals=0,
        facts={},
        began_at=arrival.occurred_at,
        first=arrival,
        backfill=None,
        withdrawn=False,
        began_with=None,
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
    again: list[Resubmission] = []
    for arrival in arrivals:
        created = lead.first is not None and not outcomes
        touches += not arrival.amends
        lead = score(lead, arrival, model, touches=touches)
        found = qualify(lead, arrival, model)
        if found is not None:
            qualification = _in_its_place(qualification, found)
            lead = qualification.lead
        elif comes_again(lead, arrival):
            lead = replace(lead, event_version=lead.event_version + 1)
            again.append(Resubmission(lead, arrival))
        outcomes.append(Registered(lead.lead_id, lead.cycle, created, found is not None))
    return Applied(lead, tuple(outcomes), qualification, tuple(again))


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


def comes_again(lead: LeadState, arrival: ScoredSubmission) -> bool:
    """Whether it is a further submission, of now, of somebody who is handed over."""
    handed_over = lead.stage != Stage.LEAD and lead.stage not in CLOSED and lead.backfill != "held"
    return handed_over and not arrival.amends and not arrival.backfilled


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


Origin = tuple[date, UUID | None, str]  # day, campaign, channel


def counts_by_day(applied: Iterable[Applied]) -> tuple[Counter[Origin], Counter[Origin]]:
    """New leads, by what brought them, and first qualifications, by what qualified them.

    A lead that qualifies again was recycled, and is no new MQL; one that was taken back never was one.
    """
    leads: Counter[Origin] = Counter()
    mqls: Counter[Origin] = Counter()
    for one in applied:
        first, found = one.lead.first, one.qualification
        if first is not None:
            leads[_origin(first, first.occurred_at)] += 1
        if found is not None and found.lead.cycle == one.lead.first_cycle:
            mqls[_origin(found.arrival, found.at)] += 1
    return leads, mqls


def _origin(arrival: ScoredSubmission, at: datetime) -> Origin:
    return at.astimezone(UTC).date(), arrival.campaign_id, channel_of(arrival)
