from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.marketing.funnel.leads.arrivals import channel_of
from services.marketing.funnel.leads.rules import LeadState, apply_submissions, known_facts, new_lead
from services.marketing.funnel.leads.use_cases import announcements
from services.marketing.funnel.lifecycle.rules import CLOSED, Stage
from services.marketing.funnel.scoring.rules import Model, Rule
from shared import clock
from tests.marketing.funnel.leads.test_register import arrival
from tests.support.samples import NOON

MODEL = Model(1, 30, 50, 50, (Rule("again", "engagement", "arrivals", "at_least", 3, 30),))


@pytest.mark.parametrize(
    ("facts", "channel"),
    [
        ({}, "direct"),
        ({"channel": "event", "click_ids": {"gclid": "x"}}, "event"),
        ({"click_ids": {"gclid": "x"}, "utm": {"medium": "email"}}, "paid_search"),
        ({"utm": {"medium": " CPC "}}, "paid_search"),
        ({"utm": {"medium": "carrier pigeon"}}, "other"),
        ({"click_ids": {"fbclid": "x"}}, "organic_social"),
        ({"implied_channel": "paid_social"}, "paid_social"),
        ({"implied_channel": "paid_search", "channel": "event"}, "event"),
        ({"implied_channel": "paid_search", "utm": {"medium": "display"}}, "display"),
    ],
)
def test_where_a_touch_came_from(facts: dict[str, Any], channel: str) -> None:
    assert channel_of(arrival(**facts)) == channel


def test_an_answer_overwrites_no_fact_of_ours_and_nothing_known_is_forgotten() -> None:
    before = {"country": "DE", "budget": "10k"}
    told = arrival(company_size=20, answers={"company_size": "100000", "arrivals": "99", "budget": ""})

    facts = known_facts(before, told, arrivals=2, touches=5)

    assert facts["company_size"] == 20
    assert (facts["arrivals"], facts["touches"]) == (2, 5)
    assert (facts["country"], facts["budget"]) == ("DE", "10k")


def lead(stage: Stage, *, cycle: int = 1) -> LeadState:
    return replace(
        new_lead(clock.new_id(), arrival()),
        stage=stage,
        cycle=cycle,
        is_new=False,
        first=None,
        event_version=cycle,
    )


@pytest.mark.parametrize("stage", list(Stage))
def test_only_an_unqualified_or_ended_lead_qualifies(stage: Stage) -> None:
    applied = apply_submissions(lead(stage, cycle=2), [arrival(hand_raiser=True)], MODEL, touches=0)

    [outcome] = applied.outcomes
    assert outcome.qualified == (stage == Stage.LEAD or stage in CLOSED)
    assert outcome.cycle == (3 if stage in CLOSED else 2)
    assert outcome.created is False


@pytest.mark.parametrize("stage", list(Stage))
def test_whoever_has_a_lead_is_told_that_its_person_writes_again(stage: Stage) -> None:
    """D2: the prospect had written twice, and the rep knew of neither."""
    known = lead(stage, cycle=2)
    applied = apply_submissions(known, [arrival(), arrival(hand_raiser=True)], MODEL, touches=0)

    # An ended lead begins a cycle with the second, of which handoff is told as of any other.
    told = 2 if stage not in (*CLOSED, Stage.LEAD) else 0
    assert [one.lead.event_version for one in applied.resubmissions] == [3, 4][:told]
    assert applied.lead.event_version == known.event_version + (told or 1)


@pytest.mark.parametrize(
    ("changes", "backfill", "told"),
    [
        ({}, None, 1),
        ({}, "routed", 1),
        ({}, "held", 0),  # nobody has it yet
        ({"amends": True}, None, 0),  # it corrects what is known
        ({"backfilled": True}, None, 0),  # it is of the past
    ],
)
def test_what_is_no_further_submission(changes: dict[str, Any], backfill: Any, told: int) -> None:
    open_with_sales = replace(lead(Stage.MQL), backfill=backfill)

    applied = apply_submissions(open_with_sales, [arrival(**changes)], MODEL, touches=0)

    assert len(applied.resubmissions) == told


def test_a_batch_that_qualifies_and_comes_again_is_told_in_order() -> None:
    first, second, third = arrival(hand_raiser=True), arrival(), arrival()

    applied = apply_submissions(new_lead(clock.new_id(), first), [first, second, third], MODEL, touches=0)

    told = announcements(applied, NOON)
    assert [event.version for event in told] == [1, 2, 3]
    assert [getattr(event, "submission_id", None) for event in told] == [
        None,
        second.submission_id,
        third.submission_id,
    ]
    assert applied.lead.event_version == 3


@given(hands=st.lists(st.booleans(), min_size=1, max_size=12))
def test_a_batch_of_one_contact_qualifies_once_at_the_first_good_reason(hands: list[bool]) -> None:
    arrivals = [arrival(hand_raiser=hand) for hand in hands]

    applied = apply_submissions(new_lead(clock.new_id(), arrivals[0]), arrivals, MODEL, touches=0)

    reasons = [hand or count >= 3 for count, hand in enumerate(hands, start=1)]
    expected = [reasons.index(True)] if True in reasons else []
    assert [n for n, outcome in enumerate(applied.outcomes) if outcome.qualified] == expected
    assert [outcome.created for outcome in applied.outcomes] == [True] + [False] * (len(hands) - 1)
    # The others after it are further submissions, of which sales is told.
    assert applied.lead.event_version == (len(hands) - expected[0] if expected else 0)
    assert applied.lead.arrivals == len(hands)


@given(hands=st.lists(st.booleans(), min_size=2, max_size=8), cut=st.integers(1, 7))
def test_arriving_in_one_batch_or_in_two_is_the_same(hands: list[bool], cut: int) -> None:
    arrivals = [arrival(hand_raiser=hand) for hand in hands]
    start = new_lead(clock.new_id(), arrivals[0])

    whole = apply_submissions(start, arrivals, MODEL, touches=0)
    first = apply_submissions(start, arrivals[:cut], MODEL, touches=0)
    then = replace(first.lead, is_new=False, first=None)
    second = apply_submissions(then, arrivals[cut:], MODEL, touches=len(arrivals[:cut]))

    assert second.outcomes == whole.outcomes[cut:]
    assert replace(second.lead, is_new=True, first=whole.lead.first) == whole.lead


PAST = {"backfilled": True, "hand_raiser": True}
LIVE = {"hand_raiser": True}


@pytest.mark.parametrize(
    ("before", "then", "qualifies"),
    [
        (PAST, LIVE, True),  # a person of the CRM's history writes: somebody has to hear of it
        (PAST, PAST, False),  # more history
        (PAST, PAST | {"route": True}, True),  # it is asked for after all
        (PAST | {"route": True}, LIVE, True),
        (PAST | {"route": True}, PAST | {"route": True}, False),
        (LIVE, LIVE, False),
        (LIVE, PAST, False),
        (LIVE, PAST | {"route": True}, False),
        (PAST, {}, False),  # no reason to qualify
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_a_lead_that_only_history_qualified_qualifies_when_it_is_live(
    before: dict[str, Any], then: dict[str, Any], *, qualifies: bool, at_once: bool
) -> None:
    arrivals = [arrival(**before), arrival(**then)]
    start = new_lead(clock.new_id(), arrivals[0])
    if at_once:
        last = apply_submissions(start, arrivals, MODEL, touches=0)
        told = 1
    else:
        first = apply_submissions(start, arrivals[:1], MODEL, touches=0)
        last = apply_submissions(replace(first.lead, is_new=False), arrivals[1:], MODEL, touches=1)
        told = 2 if qualifies else 1

    assert last.outcomes[-1].qualified is qualifies
    assert (last.lead.cycle, last.lead.event_version - len(last.resubmissions)) == (told, told)
    if qualifies:
        assert last.qualification is not None
        assert last.qualification.arrival == arrivals[1]
        assert last.lead.backfill == ("routed" if "route" in then else None)


def test_a_lead_somebody_has_in_hand_is_not_told_of_again() -> None:
    accepted = replace(lead(Stage.SAL), backfill="held")

    assert apply_submissions(accepted, [arrival(**LIVE)], MODEL, touches=0).qualification is None


def test_a_backfilled_reason_is_not_older_than_its_lead() -> None:
    old = arrival(hand_raiser=True, occurred_at=NOON - timedelta(days=9))

    applied = apply_submissions(lead(Stage.LEAD), [old], MODEL, touches=0)

    assert applied.qualification is not None
    assert applied.qualification.at == NOON


def test_what_amends_an_arrival_is_scored_but_nobody_came_again() -> None:
    first = arrival(contact_id=UUID(int=7))
    change = arrival(contact_id=UUID(int=7), amends=True, company_size=60)
    both = apply_submissions(new_lead(clock.new_id(), first), [first, change, change], MODEL, touches=0)

    assert (both.lead.arrivals, both.lead.facts["touches"]) == (1, 1)
    assert both.lead.facts["company_size"] == 60
    assert [outcome.created for outcome in both.outcomes] == [True, False, False]
