"""Scoring: rules are data, a score is their sum with the reasons that made it.

Fit (who they are) and engagement (what they did) are summed apart and capped apart, so that
no number of downloads makes a customer of a student.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Group = Literal["fit", "engagement"]
Operator = Literal["is", "is_not", "in", "contains_any", "at_least", "at_most", "known", "missing"]
Fact = str | int | bool | None
Facts = Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Rule:
    """When `field` `op` `value` holds, the group gets `points` (which may be negative)."""

    code: str
    group: Group
    field: str
    op: Operator
    value: str | int | bool | tuple[str, ...] | None
    points: int


@dataclass(frozen=True, slots=True)
class Model:
    """One version of the rules. A total of `threshold` or more qualifies."""

    version: int
    threshold: int
    fit_cap: int
    engagement_cap: int
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that matched, and what it gave before the cap."""

    code: str
    points: int


@dataclass(frozen=True, slots=True)
class Score:
    """What the rules of `model` say about one set of facts."""

    fit: int
    engagement: int
    reasons: tuple[Reason, ...]
    model: int

    @property
    def total(self) -> int:
        return self.fit + self.engagement


def evaluate(model: Model, facts: Facts) -> Score:
    """Sum the matching rules by group, each up to its cap. There is no floor: points can be lost."""
    sums = {"fit": 0, "engagement": 0}
    reasons: list[Reason] = []
    for rule in model.rules:
        if matches(rule, facts.get(rule.field)):
            sums[rule.group] += rule.points
            reasons.append(Reason(rule.code, rule.points))
    return Score(
        fit=min(sums["fit"], model.fit_cap),
        engagement=min(sums["engagement"], model.engagement_cap),
        reasons=tuple(reasons),
        model=model.version,
    )


def qualifies(model: Model, score: Score, *, hand_raiser: bool) -> bool:
    """Who asked to be contacted qualifies whatever the score; others by reaching the threshold."""
    return hand_raiser or score.total >= model.threshold


def matches(rule: Rule, fact: Fact) -> bool:
    """Does the rule hold for this fact? An unknown fact matches only `missing`."""
    if fact is None or fact == "":
        return rule.op == "missing"
    match rule.op:
        case "known":
            return True
        case "missing":
            return False
        case "at_least" | "at_most":
            return _compares(rule, fact)
        case "contains_any":
            words = _words(fact)
            return any(f" {word.lower()} " in words for word in _many(rule.value))
        case _:
            return (_text(fact) in {_text(value) for value in _many(rule.value)}) == (rule.op != "is_not")


def _compares(rule: Rule, fact: Fact) -> bool:
    """Numbers come from forms as text too; what is no number matches nothing."""
    try:
        number, bound = int(str(fact)), int(str(rule.value))
    except ValueError:
        return False
    return number >= bound if rule.op == "at_least" else number <= bound


def _many(value: object) -> Sequence[str]:
    return value if isinstance(value, tuple) else (_text(value),)


def _text(value: object) -> str:
    return str(value).strip().lower()


def _words(fact: Fact) -> str:
    """The text with every word between two spaces, so that "intern" is not found in "international"."""
    return " " + " ".join("".join(c if c.isalnum() else " " for c in _text(fact)).split()) + " "
