from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.marketing.funnel.scoring.rules import Fact, Model, Reason, Rule, evaluate, matches, qualifies


def rule(op: Any, value: Any = None, *, points: int = 10, group: Any = "fit", code: str = "r") -> Rule:
    return Rule(code, group, "fact", op, value, points)


def model(*rules: Rule, threshold: int = 50, cap: int = 50) -> Model:
    return Model(3, threshold, cap, cap, rules)


@pytest.mark.parametrize(
    ("op", "value", "fact", "expected"),
    [
        ("is", "DE", "de", True),
        ("is", True, True, True),
        ("is", "DE", "FR", False),
        ("is_not", "DE", "FR", True),
        ("is_not", "DE", "DE", False),
        ("in", ("de", "at"), "AT", True),
        ("contains_any", ("intern", "student"), "Intern, sales", True),
        ("contains_any", ("intern",), "International sales", False),
        ("contains_any", ("vice president",), "Senior Vice-President", True),
        ("at_least", 200, 200, True),
        ("at_least", 200, 199, False),
        ("at_least", 200, "250", True),
        ("at_least", 200, "many", False),
        ("at_most", 10, 10, True),
        ("at_most", 10, 11, False),
        ("known", None, "x", True),
        ("known", None, None, False),
        ("missing", None, "", True),
        ("missing", None, "x", False),
        ("is_not", "DE", None, False),
    ],
)
def test_operators(op: str, value: Any, fact: Fact, expected: bool) -> None:
    assert matches(rule(op, value), fact) is expected


def test_fit_and_engagement_are_capped_apart_and_points_can_be_lost() -> None:
    rules = (
        rule("known", points=40, code="a"),
        rule("known", points=30, code="b"),
        rule("known", points=-15, code="c", group="engagement"),
    )

    score = evaluate(model(*rules), {"fact": "x"})

    assert (score.fit, score.engagement, score.total, score.model) == (50, -15, 35, 3)
    assert score.reasons == (Reason("a", 40), Reason("b", 30), Reason("c", -15))


@pytest.mark.parametrize(("points", "expected"), [(49, False), (50, True)])
def test_the_threshold_qualifies(points: int, expected: bool) -> None:
    scored = model(rule("known", points=points))
    assert qualifies(scored, evaluate(scored, {"fact": "x"}), hand_raiser=False) is expected


def test_who_raises_a_hand_qualifies_whatever_the_score() -> None:
    scored = model(rule("known", points=-100))
    assert qualifies(scored, evaluate(scored, {"fact": "x"}), hand_raiser=True)


@given(st.lists(st.integers(-100, 100), max_size=20), st.integers(0, 60))
def test_no_group_exceeds_its_cap(points: list[int], cap: int) -> None:
    rules = [rule("known", points=each, code=f"r{n}") for n, each in enumerate(points)]
    assert evaluate(model(*rules, cap=cap), {"fact": 1}).fit <= cap
