"""Scoring: rules are data, a score is their sum with the reasons that made it.

Fit (who they are) and engagement (what they did) are summed apart and capped apart, so that
no number of downloads makes a customer of a student.
"""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Group = Literal["fit", "engagement"]
Operator = Literal["is", "is_not", "in", "contains_any", "at_least", "at_most", "known", "missing"]
Fact = str | int | bool | None
Facts = Mapping[str, Fact]
_NOT_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Rule:
    """When `field` `op` `value` holds, the group gets `points` (which may be negative).

    `wanted` is the value, or each of its values, as facts are compared with it.
    """

    code: str
    group: Group
    field: str
    op: Operator
    value: str | int | bool | tuple[str, ...] | None
    points: int
    wanted: tuple[str, ...] = dataclasses.field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        values = self.value if isinstance(self.value, tuple) else (self.value,)
        if self.op == "contains_any":
            wanted = tuple(f" {str(value).lower()} " for value in values)
        else:
            wanted = tuple(_text(value) for value in values)
        object.__setattr__(self, "wanted", wanted)


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
            words = _words(_text(fact))
            return any(word in words for word in rule.wanted)
        case _:
            return (_text(fact) in rule.wanted) == (rule.op != "is_not")


def _compares(rule: Rule, fact: Fact) -> bool:
    """Numbers come from forms as text too; what is no number matches nothing."""
    try:
        number, bound = int(str(fact)), int(rule.wanted[0])
    except ValueError:
        return False
    return number >= bound if rule.op == "at_least" else number <= bound


def _text(value: object) -> str:
    return str(value).strip().lower()


@lru_cache(1024)  # several rules look at the same title
def _words(text: str) -> str:
    """The text with every word between two spaces, so that "intern" is not found in "international"."""
    return f" {_NOT_WORD.sub(' ', text).strip()} "
