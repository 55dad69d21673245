"""What remains of a lead when submissions are taken back and come again, over any sequence of both."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.marketing.funnel.leads.arrivals import ScoredSubmission
from services.marketing.funnel.leads.remaining import Remaining, origin_of, remain
from services.marketing.funnel.leads.rules import (
    LeadState,
    Origin,
    apply_submissions,
    begin_again,
    counts_by_day,
    new_lead,
)
from services.marketing.funnel.lifecycle.rules import CLOSED, CycleOrigin, Stage
from services.marketing.funnel.scoring.rules import Model, Rule, qualifies
from tests.support.samples import NOON

EVA, LEAD = UUID(int=1), UUID(int=2)
RULES = (
    Rule("asked_twice", "engagement", "arrivals", "at_least", 2, 20),
    Rule("director", "fit", "job_title", "contains_any", ("director",), 40),
    Rule("from_search", "engagement", "channel", "is", "paid_search", 10),
)
MODEL = Model(1, threshold=50, fit_cap=60, engagement_cap=40, rules=RULES)
CAMPAIGNS = (None, UUID(int=77), UUID(int=88))


def submission(number: int, **changes: Any) -> ScoredSubmission:
    """The `number`th of Eva, an hour behind the one before."""
    values: dict[str, Any] = {
        "contact_id": EVA,
        "submission_id": UUID(int=1000 + number),
        "received_at": NOON + timedelta(hours=number),
        "occurred_at": NOON + timedelta(hours=number),
        "source": "web_form",
        "channel": "direct",
    }
    return ScoredSubmission(**(values | changes))


@dataclass
class World:
    """One lead as the database holds it: its cycles, what stands of what was sent, and the reports' sums."""

    lead: LeadState | None = None
    cycles: dict[int, CycleOrigin] = field(default_factory=dict)
    standing: dict[UUID, ScoredSubmission] = field(default_factory=dict)
    sums: Counter[tuple[str, Origin]] = field(default_factory=Counter)
    told: list[tuple[str, int, int]] = field(default_factory=list)

    def send(self, one: ScoredSubmission) -> None:
        lead = replace(self.lead, stage=self.cycles[self.lead.cycle].stage) if self.lead else None
        if lead is None:
            lead = new_lead(LEAD, one)
        elif lead.withdrawn:
            lead = begin_again(lead, one)
        applied = apply_submissions(lead, [one], MODEL, touches=len(self.standing))
        leads, mqls = counts_by_day([applied])
        self._count({("leads", origin): n for origin, n in leads.items()})
        self._count({("mqls", origin): n for origin, n in mqls.items()})
        after, found = applied.lead, applied.qualification
        decisive = found.arrival if found else lead.first
        if decisive is not None:
            self.cycles[after.cycle] = CycleOrigin(
                after.cycle,
                after.stage,
                decisive.submission_id,
                decisive.campaign_id,
                decisive.channel or "",
                decisive.received_at,
                found.at if found else None,
                None,
            )
        if found:
            self.told.append(("qualified", after.cycle, after.event_version))
        origin = origin_of(lead.first) if lead.first else lead.began_with
        self.lead = replace(after, is_new=False, first=None, began_with=origin)
        self.standing[one.submission_id] = one

    def take_back(self, *numbers: int) -> list[ScoredSubmission]:
        """These, as far as they stand. Answers them."""
        gone = [one for n in numbers if (one := self.standing.get(UUID(int=1000 + n)))]
        if self.lead is None or not gone:
            return []
        ids = {one.submission_id for one in gone}
        self._settle(self._remain(gone=ids, touches_gone=len(ids)))
        for each in ids:
            del self.standing[each]
        return sorted(gone, key=lambda one: one.received_at)

    def release(self, ones: list[ScoredSubmission]) -> None:
        for one in ones:
            self.send(one)
        if ones and len(self.standing) > 1:
            self._settle(self._remain(again={one.submission_id for one in ones}))

    def come_back(self) -> None:
        """Handoff returns the lead, when it is open there."""
        if self.lead and self.cycles[self.lead.cycle].stage is Stage.MQL:
            current = self.cycles[self.lead.cycle]
            self.cycles[current.cycle] = replace(current, stage=Stage.RECYCLED)

    def _remain(self, **what: Any) -> Remaining:
        assert self.lead is not None
        cycles = [self.cycles[number] for number in sorted(self.cycles)]
        return remain(self.lead, cycles, self.standing.values(), MODEL, **what)

    def _settle(self, left: Remaining) -> None:
        for cycle in left.ended:
            self.cycles[cycle.cycle] = replace(cycle, stage=Stage.WITHDRAWN, withdrawn_at=NOON)
        for number, holder in left.rested:
            self.cycles[number] = replace(
                self.cycles[number],
                submission_id=holder.submission_id,
                campaign_id=holder.campaign_id,
                channel=holder.channel or "",
                received_at=holder.received_at,
            )
        first = left.lead.event_version - len(left.told) + 1
        self.told += [("withdrawn", cycle.cycle, first + n) for n, cycle in enumerate(left.told)]
        self._count(left.changes)
        self.lead = left.lead

    def _count(self, changes: Any) -> None:
        for key, change in changes.items():
            self.sums[key] += change
            if not self.sums[key]:
                del self.sums[key]

    def counted(self) -> Counter[tuple[str, Origin]]:
        """The reports' sums as the rows say."""
        found: Counter[tuple[str, Origin]] = Counter()
        lead = self.lead
        if lead is None:
            return found
        assert lead.began_with is not None
        if not lead.withdrawn:
            found["leads", (lead.began_at.date(), lead.began_with.campaign_id, lead.began_with.channel)] += 1
        first = self.cycles.get(lead.first_cycle)
        if first and first.qualified_at and first.withdrawn_at is None:
            found["mqls", (first.qualified_at.date(), first.campaign_id, first.channel)] += 1
        return found

    def holds(self) -> None:
        lead = self.lead
        if lead is None:
            return
        assert self.sums == self.counted()
        assert lead.facts["arrivals"] == len(self.standing)
        assert lead.withdrawn == (not self.standing)
        for cycle in self.cycles.values():
            if cycle.qualified_at and cycle.withdrawn_at is None:
                assert cycle.submission_id in self.standing, "a qualification that nothing stands behind"
        assert [version for _, _, version in self.told] == list(range(1, len(self.told) + 1))
        taken = [cycle for what, cycle, _ in self.told if what == "withdrawn"]
        assert len(taken) == len(set(taken)), "a cycle is taken back once"


submissions: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict[str, Any],
    hand_raiser=st.booleans(),
    channel=st.sampled_from(["direct", "paid_search"]),
    campaign_id=st.sampled_from(CAMPAIGNS),
    answers=st.sampled_from([{}, {"job_title": "director"}, {"product": "crm"}]),
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("send"), submissions),
        st.tuples(st.just("take_back"), st.sets(st.integers(0, 7), min_size=1)),
        st.tuples(st.just("release"), st.booleans()),
        st.tuples(st.just("come_back"), st.none()),
    ),
    max_size=14,
)


@given(steps)
def test_sums_scores_and_cycles_are_those_of_what_stands(done: list[tuple[str, Any]]) -> None:
    world, sent, aside = World(), 0, list[ScoredSubmission]()
    for what, value in done:
        if what == "send":
            world.send(submission(sent, **value))
            sent += 1
        elif what == "take_back":
            aside += world.take_back(*value)
        elif what == "release":
            world.release(sorted(aside, key=lambda one: one.received_at))
            aside = []
        else:
            world.come_back()
        world.holds()


@given(st.lists(submissions, min_size=1, max_size=6), st.sets(st.integers(0, 5), min_size=1))
def test_what_is_taken_back_and_released_leaves_the_lead_as_it_was(
    sent: list[dict[str, Any]], gone: set[int]
) -> None:
    world = World()
    for number, values in enumerate(sent):
        world.send(submission(number, **values))
    before, sums = world.lead, Counter(world.sums)
    assert before is not None

    world.release(world.take_back(*gone))

    after = world.lead
    assert after is not None
    same = ("facts", "score", "arrivals", "began_at", "began_with", "withdrawn")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
    assert world.sums == sums


def test_a_lead_of_which_all_is_taken_back_ends_and_begins_again_with_the_next() -> None:
    world = World()
    world.send(submission(0, hand_raiser=True))
    world.take_back(0)
    ended = world.lead
    assert ended is not None
    assert (ended.withdrawn, world.cycles[1].stage, world.sums) == (True, Stage.WITHDRAWN, Counter())

    world.send(submission(1, hand_raiser=True, channel="paid_search"))

    assert world.cycles[2].stage is Stage.MQL
    assert [what for what, *_ in world.told] == ["qualified", "withdrawn", "qualified"]
    day = NOON.date()
    assert world.sums == {("leads", (day, None, "paid_search")): 1, ("mqls", (day, None, "paid_search")): 1}


def test_a_cycle_goes_on_while_another_submission_of_it_qualifies() -> None:
    world = World()
    world.send(submission(0, hand_raiser=True, channel="paid_search"))
    world.send(submission(1, hand_raiser=True))

    world.take_back(0)

    assert world.cycles[1].stage is Stage.MQL
    assert [what for what, *_ in world.told] == ["qualified"]
    assert world.cycles[1].submission_id == UUID(int=1001)
    assert world.sums == {
        ("leads", (NOON.date(), None, "direct")): 1,
        ("mqls", (NOON.date(), None, "direct")): 1,
    }


def test_a_qualification_ends_when_what_is_left_does_not_qualify() -> None:
    world = World()
    world.send(submission(0))
    world.send(submission(1, hand_raiser=True))

    world.take_back(1)

    lead = world.lead
    assert lead is not None
    assert lead.score is not None
    assert not qualifies(MODEL, lead.score, hand_raiser=False)
    assert (lead.withdrawn, world.cycles[1].stage) == (False, Stage.WITHDRAWN)
    assert Stage.WITHDRAWN in CLOSED, "the next good reason opens another cycle"
    assert world.sums == {("leads", (NOON.date(), None, "direct")): 1}
