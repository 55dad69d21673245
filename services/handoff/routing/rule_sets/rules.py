"""Which team gets a lead: the first rule whose conditions all hold. No database, no framework."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


class Routable(Protocol):
    """The facts of a lead that rules look at."""

    @property
    def country(self) -> str | None: ...
    @property
    def industry(self) -> str | None: ...
    @property
    def company_size(self) -> int | None: ...
    @property
    def source(self) -> str: ...
    @property
    def score(self) -> int: ...
    @property
    def hand_raiser(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Facts:
    """Those facts by themselves."""

    source: str
    score: int
    hand_raiser: bool = False
    country: str | None = None
    industry: str | None = None
    company_size: int | None = None


@dataclass(frozen=True, slots=True)
class Conditions:
    """What has to hold; None means anything will do. A fact that is unknown meets no condition on it."""

    country: frozenset[str] | None = None
    industry: frozenset[str] | None = None
    source: frozenset[str] | None = None
    company_size_min: int | None = None
    company_size_max: int | None = None
    score_min: int | None = None
    hand_raiser: bool | None = None

    @property
    def always(self) -> bool:
        return self == ALWAYS


ALWAYS = Conditions()


@dataclass(frozen=True, slots=True)
class Rule:
    id: UUID
    name: str
    team_id: UUID
    conditions: Conditions


@dataclass(frozen=True, slots=True)
class RuleBook:
    """One version of the rules, in order. The last one always matches."""

    version: int
    rules: tuple[Rule, ...]


def unmet(conditions: Conditions, lead: Routable) -> list[str]:
    """The conditions that do not hold for this lead, by name."""
    least, most = conditions.company_size_min, conditions.company_size_max
    checks = (
        ("country", conditions.country is None or lead.country in conditions.country),
        ("industry", conditions.industry is None or lead.industry in conditions.industry),
        ("source", conditions.source is None or lead.source in conditions.source),
        ("company_size", _within(lead.company_size, least, most)),
        ("score", conditions.score_min is None or lead.score >= conditions.score_min),
        ("hand_raiser", conditions.hand_raiser is None or lead.hand_raiser == conditions.hand_raiser),
    )
    return [name for name, holds in checks if not holds]


def _within(size: int | None, least: int | None, most: int | None) -> bool:
    if least is None and most is None:
        return True
    return size is not None and (least is None or size >= least) and (most is None or size <= most)


def first_match(book: RuleBook, lead: Routable) -> Rule:
    """The rule that decides. There always is one: the last rule has no conditions."""
    for rule in book.rules:
        if rule.conditions is ALWAYS or not unmet(rule.conditions, lead):
            return rule
    raise ValueError(f"Rule set {book.version} has no catch-all.")


def faults(conditions: Sequence[Conditions]) -> list[tuple[str, str]]:
    """What is wrong with a set of rules, as (JSON pointer, what to do)."""
    if not conditions or not conditions[-1].always:
        return [("/rules", "The last rule must have no conditions, so that no lead is ever unowned.")]
    found = []
    for index, each in enumerate(conditions[:-1]):
        if each.always:
            found.append((f"/rules/{index}", "Only the last rule may match every lead."))
        least, most = each.company_size_min, each.company_size_max
        if least is not None and most is not None and least > most:
            found.append((f"/rules/{index}/conditions/company_size", "min is larger than max."))
    return found
