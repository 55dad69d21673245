"""What is left of a lead when submissions are taken back, or come again. Pure.

A lead is what its submissions make of it in the order of their receipt, so one that was taken back and has
come again leaves it as it was. A cycle stands as long as one of its submissions that are left qualifies.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from uuid import UUID

from services.marketing.funnel.leads.arrivals import ScoredSubmission, channel_of
from services.marketing.funnel.leads.rules import LeadOrigin, LeadState, Origin, known_facts
from services.marketing.funnel.lifecycle.rules import CycleOrigin, Stage
from services.marketing.funnel.scoring.rules import Fact, Model, evaluate, qualifies

Counts = Counter[tuple[str, Origin]]  # "leads" or "mqls", and where they are counted


@dataclass(frozen=True, slots=True)
class Remaining:
    """A lead afterwards. `ended` are the cycles nothing stands behind any more, `rested` those that rest on
    another submission from now on. `told` are those of the ended ones handoff had heard of.
    """

    lead: LeadState
    origin: LeadOrigin
    ended: tuple[CycleOrigin, ...]
    told: tuple[CycleOrigin, ...]
    rested: tuple[tuple[int, ScoredSubmission], ...]
    changes: Counts


def remain(
    lead: LeadState,
    cycles: Sequence[CycleOrigin],
    sent: Iterable[ScoredSubmission],
    model: Model,
    *,
    gone: Collection[UUID] = (),
    again: Collection[UUID] = (),
    touches_gone: int = 0,
) -> Remaining:
    """The lead without the submissions that are `gone`, or with those that have come `again`.

    `sent` are all of its submissions that stood until now, the gone ones among them; `cycles` all it has had.
    A lead of which nothing remains keeps where it came from, for people to look at, and counts nowhere.
    """
    assert lead.began_with is not None
    standing = [cycle for cycle in cycles if cycle.withdrawn_at is None]
    left = [one for one in in_order(sent) if one.submission_id not in gone]
    arrivals = lead.arrivals - sum(not one.amends for one in sent if one.submission_id in gone)
    touches = max(0, _number(lead.facts.get("touches")) - touches_gone)
    facts: dict[str, Fact] = {"arrivals": arrivals, "touches": touches}
    holders: dict[int, ScoredSubmission] = {}
    # How many there were when each of them came: with the last one, as many as there are.
    later = sum(not one.amends for one in left)
    for one in left:
        later -= not one.amends
        facts = known_facts(facts, one, arrivals=arrivals - later, touches=touches - later)
        if qualifies(model, evaluate(model, facts), hand_raiser=one.hand_raiser):
            holders.setdefault(_cycle_of(one, standing), one)
    # What qualified a cycle then does so still, whatever the model says by now.
    by_id = {one.submission_id: one for one in left}
    for cycle in standing:
        if cycle.qualified_at is not None and cycle.submission_id in by_id:
            holders.setdefault(cycle.cycle, by_id[cycle.submission_id])
    ended = tuple(cycle for cycle in standing if cycle.submission_id in gone and _ends(cycle, holders, left))
    over = {cycle.cycle for cycle in ended}
    rested = tuple(
        (cycle.cycle, holder)
        for cycle in standing
        if cycle.cycle not in over
        and (holder := holders.get(cycle.cycle) or (left[0] if left else None)) is not None
        and _is_another(cycle.submission_id, holder, gone, again)
    )
    first = left[0] if left and _is_another(lead.began_with.submission_id, left[0], gone, again) else None
    origin = origin_of(first) if first else lead.began_with
    after = replace(
        lead,
        arrivals=arrivals,
        facts=facts,
        score=evaluate(model, facts),
        stage=Stage.WITHDRAWN if lead.cycle in over else lead.stage,
        event_version=lead.event_version + sum(cycle.qualified_at is not None for cycle in ended),
        began_at=first.occurred_at if first else lead.began_at,
        withdrawn=not left and len(ended) == len(standing),
        first_cycle=_first_cycle(lead, cycles, over),
        began_with=origin,
    )
    changes = Counter[tuple[str, Origin]]()
    changes.update(_counted(after, _rested(standing, over, dict(rested))))
    changes.subtract(_counted(lead, standing))
    told = tuple(cycle for cycle in ended if cycle.qualified_at is not None)
    return Remaining(after, origin, ended, told, rested, changes)


def in_order(sent: Iterable[ScoredSubmission]) -> list[ScoredSubmission]:
    return sorted(sent, key=lambda one: (one.received_at, one.submission_id))


def origin_of(one: ScoredSubmission) -> LeadOrigin:
    return LeadOrigin(one.source, one.submission_id, one.campaign_id, channel_of(one))


def _cycle_of(one: ScoredSubmission, standing: Sequence[CycleOrigin]) -> int:
    """The newest cycle that had begun, or was qualified, when it came; the first one for what came before."""
    begun = [cycle for cycle in standing if cycle.received_at is None or cycle.received_at <= one.received_at]
    return (begun[-1] if begun else standing[0]).cycle if standing else 0


def _ends(cycle: CycleOrigin, holders: Collection[int], left: Sequence[ScoredSubmission]) -> bool:
    return cycle.cycle not in holders if cycle.qualified_at is not None else not left


def _is_another(
    now: UUID | None, then: ScoredSubmission, gone: Collection[UUID], again: Collection[UUID]
) -> bool:
    return then.submission_id != now and (now in gone or then.submission_id in again)


def _first_cycle(lead: LeadState, cycles: Sequence[CycleOrigin], over: Collection[int]) -> int:
    """The first cycle that qualified and stands; else the one that may yet, or that is to come."""
    stands = [cycle for cycle in cycles if cycle.withdrawn_at is None and cycle.cycle not in over]
    for cycle in stands:
        if cycle.qualified_at is not None or cycle.cycle == lead.cycle:
            return cycle.cycle
    return lead.cycle + 1


def _rested(
    standing: Sequence[CycleOrigin], over: Collection[int], rested: dict[int, ScoredSubmission]
) -> list[CycleOrigin]:
    return [
        replace(cycle, campaign_id=holder.campaign_id, channel=channel_of(holder))
        if (holder := rested.get(cycle.cycle))
        else cycle
        for cycle in standing
        if cycle.cycle not in over
    ]


def _counted(lead: LeadState, standing: Iterable[CycleOrigin]) -> Counts:
    """Where the reports count the lead, and its qualification."""
    found: Counts = Counter()
    origin = lead.began_with
    if origin is not None and not lead.withdrawn:
        found["leads", (_day(lead.began_at), origin.campaign_id, origin.channel)] += 1
    for cycle in standing:
        if cycle.cycle == lead.first_cycle and cycle.qualified_at is not None:
            found["mqls", (_day(cycle.qualified_at), cycle.campaign_id, cycle.channel)] += 1
    return found


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def _number(fact: Fact) -> int:
    return fact if isinstance(fact, int) else 0
