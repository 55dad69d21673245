from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.marketing.funnel.lifecycle.rules import (
    Change,
    Cycle,
    Stage,
    Step,
    follow,
    history,
    stage_of,
    steps_of,
)
from tests.support.samples import NOON

LEAD = UUID(int=1)


def cycle(**facts: object) -> Cycle:
    return Cycle(lead_id=LEAD, cycle=1, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "stage"),
    [
        ({}, Stage.LEAD),
        ({"qualified_at": NOON}, Stage.MQL),
        ({"qualified_at": NOON, "accepted_at": NOON}, Stage.SAL),
        ({"sql_at": NOON}, Stage.SQL),
        ({"accepted_at": NOON, "sql_at": NOON, "opportunity_at": NOON}, Stage.OPPORTUNITY),
        ({"opportunity_at": NOON, "outcome": "won"}, Stage.CUSTOMER),
        ({"opportunity_at": NOON, "outcome": "lost"}, Stage.LOST),
        ({"outcome": "disqualified"}, Stage.DISQUALIFIED),
        ({"returned_at": NOON, "outcome": "disqualified"}, Stage.RECYCLED),
        ({"returned_at": NOON, "outcome": "won"}, Stage.CUSTOMER),
        ({"returned_at": NOON}, Stage.RECYCLED),
    ],
)
def test_the_stage_follows_from_the_facts(facts: dict[str, object], stage: Stage) -> None:
    assert stage_of(cycle(**facts)) == stage


def test_handoffs_older_word_is_passed_over() -> None:
    known = cycle(handoff_version=4)

    assert follow(known, Change(LEAD, 1, {"rep_id": LEAD}, handoff_version=4)) is None
    newer = follow(known, Change(LEAD, 1, {"rep_id": LEAD}, handoff_version=5))
    assert newer is not None
    assert (newer.rep_id, newer.handoff_version) == (LEAD, 5)


@pytest.mark.parametrize(
    ("facts", "stage"),
    [({}, Stage.SAL), ({"sql_at": NOON}, Stage.SQL), ({"opportunity_at": NOON}, Stage.OPPORTUNITY)],
)
def test_a_reopened_deal_is_where_it_was(facts: dict[str, object], stage: Stage) -> None:
    [step] = steps_of(Change(LEAD, 1, reopened_at=NOON), cycle(**facts))

    assert step == Step(LEAD, 1, stage, NOON, "reopened")


STEPS = [
    Step(LEAD, 1, Stage.LEAD, NOON),
    Step(LEAD, 1, Stage.MQL, NOON),
    Step(LEAD, 1, Stage.SAL, NOON + timedelta(hours=1)),
    Step(LEAD, 1, Stage.RECYCLED, NOON + timedelta(hours=2), "no_budget"),
    Step(LEAD, 1, Stage.DISQUALIFIED, NOON + timedelta(hours=2), "returned"),
    Step(LEAD, 2, Stage.MQL, NOON + timedelta(hours=9)),
]


@given(st.permutations(STEPS))
def test_the_log_reads_alike_in_whatever_order_it_was_learned(steps: list[Step]) -> None:
    assert [(before, step.stage) for before, step in history(steps)] == [
        (None, Stage.LEAD),
        (Stage.LEAD, Stage.MQL),
        (Stage.MQL, Stage.SAL),
        (Stage.SAL, Stage.RECYCLED),
        (Stage.RECYCLED, Stage.MQL),
    ]
