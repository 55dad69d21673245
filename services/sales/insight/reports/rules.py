"""Figures from sums: in the reporting currency, weighted, and as a rate. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Literal

from shared.money import convert


@dataclass(frozen=True, slots=True)
class OpenSum:
    """Open deals of one stage in one currency."""

    deals: int
    amount_minor: int
    currency: str


def in_reporting(
    sums: Iterable[OpenSum], rates: Mapping[str, Decimal], into: str
) -> tuple[int | None, frozenset[str]]:
    """The total in the reporting currency, and the currencies without a rate. With any, there is no total."""
    sums = list(sums)
    missing = frozenset(each.currency for each in sums if each.amount_minor and each.currency not in rates)
    if missing:
        return None, missing
    total = sum(
        convert(each.amount_minor, each.currency, rates[each.currency], into)
        for each in sums
        if each.amount_minor
    )
    return total, missing


def weighted(amount_minor: int | None, probability: int) -> int | None:
    """The amount times the stage's probability in percent, rounded half to even."""
    return None if amount_minor is None else round(Fraction(amount_minor * probability, 100))


def win_rate(won: int, lost: int) -> Decimal | None:
    """Won ÷ (won + lost), to four places; None when nothing was decided."""
    decided = won + lost
    if not decided:
        return None
    return (Decimal(won) / decided).quantize(Decimal("0.0001"), rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class LossSum:
    """Lost deals with one reason, to one competitor, in one currency."""

    reason: str | None
    competitor: str | None
    currency: str
    deals: int
    amount_minor: int


def by(
    sums: Iterable[LossSum], field: Literal["reason", "competitor"]
) -> list[tuple[str | None, int, dict[str, int]]]:
    """(key, deals, amounts by currency), the most deals first; of as many, by key, and none last."""
    deals: Counter[str | None] = Counter()
    amounts: defaultdict[str | None, Counter[str]] = defaultdict(Counter)
    for one in sums:
        key = one.reason if field == "reason" else one.competitor
        deals[key] += one.deals
        amounts[key][one.currency] += one.amount_minor
    keys = sorted(deals, key=lambda key: (-deals[key], key is None, key or ""))
    return [(key, deals[key], dict(sorted(amounts[key].items()))) for key in keys]
