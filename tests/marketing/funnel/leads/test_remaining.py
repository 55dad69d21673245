"""What remains of a lead when submissions are taken back and come again, over any sequence of both."""

from collections import Counter
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.marketing.funnel.leads.arrivals import ScoredSubmission
from services.marketing.funnel.lifecycle.rules import CLOSED, Stage
from services.marketing.funnel.scoring.rules import qualifies
from tests.marketing.funnel.leads.world import MODEL, World, submission
from tests.support.samples import NOON

CAMPAIGNS = (None, UUID(int=77), UUID(int=88))
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
    assert [what for what, *_ in world.told] == ["qualified", "resubmitted"]
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
