from uuid import UUID

import pytest

from services.handoff.routing.rule_sets.rules import (
    ALWAYS,
    Conditions,
    Facts,
    Rule,
    RuleBook,
    faults,
    first_match,
    unmet,
)

LEAD = Facts(
    source="web_form", score=70, hand_raiser=False, country="DE", industry="software", company_size=200
)
SOUTH, NORTH = UUID(int=1), UUID(int=2)


def rule(team_id: UUID, conditions: Conditions = ALWAYS) -> Rule:
    return Rule(UUID(int=9), "a rule", team_id, conditions)


def test_the_first_rule_that_matches_decides() -> None:
    germans = Conditions(country=frozenset({"DE"}))
    book = RuleBook(1, (rule(SOUTH, germans), rule(NORTH, germans), rule(NORTH)))

    assert first_match(book, LEAD).team_id == SOUTH


def test_the_last_rule_takes_what_no_other_does() -> None:
    book = RuleBook(1, (rule(SOUTH, Conditions(country=frozenset({"FR"}))), rule(NORTH)))

    assert first_match(book, LEAD).team_id == NORTH


@pytest.mark.parametrize(
    ("conditions", "missed"),
    [
        (Conditions(), []),
        (Conditions(country=frozenset({"DE", "AT"}), industry=frozenset({"software"})), []),
        (Conditions(country=frozenset({"FR"}), score_min=71), ["country", "score"]),
        (Conditions(score_min=70), []),
        (Conditions(company_size_min=200, company_size_max=200), []),
        (Conditions(company_size_min=201), ["company_size"]),
        (Conditions(company_size_max=199), ["company_size"]),
        (Conditions(source=frozenset({"meta"})), ["source"]),
        (Conditions(hand_raiser=True), ["hand_raiser"]),
        (Conditions(hand_raiser=False), []),
    ],
)
def test_all_conditions_have_to_hold(conditions: Conditions, missed: list[str]) -> None:
    assert unmet(conditions, LEAD) == missed


@pytest.mark.parametrize(
    ("conditions", "missed"),
    [
        (Conditions(country=frozenset({"DE"})), ["country"]),
        (Conditions(industry=frozenset({"software"})), ["industry"]),
        (Conditions(company_size_min=0), ["company_size"]),
        (Conditions(company_size_max=10), ["company_size"]),
    ],
)
def test_what_is_not_known_meets_no_condition(conditions: Conditions, missed: list[str]) -> None:
    assert unmet(conditions, Facts(source="web_form", score=70)) == missed


def test_a_set_without_a_catch_all_is_refused() -> None:
    assert faults([Conditions(score_min=1)]) == [
        ("/rules", "The last rule must have no conditions, so that no lead is ever unowned.")
    ]


def test_a_rule_behind_a_catch_all_is_refused() -> None:
    assert faults([ALWAYS, Conditions()]) == [("/rules/0", "Only the last rule may match every lead.")]


def test_an_empty_range_is_refused() -> None:
    pointers = [
        pointer for pointer, _ in faults([Conditions(company_size_min=9, company_size_max=8), ALWAYS])
    ]

    assert pointers == ["/rules/0/conditions/company_size"]
