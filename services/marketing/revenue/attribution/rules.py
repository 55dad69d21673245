"""How a closed deal's money is split over the touches of its journey. Pure.

docs/definitions.md says what the models are. A model answers shares that sum to exactly 1; money is
split from them by largest remainder, the deal's amount and the reporting amount each on its own.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import lru_cache
from math import lcm
from operator import add, neg, sub
from typing import Literal, NamedTuple
from uuid import UUID

from services.marketing.acquisition.campaigns.rules import NIL
from services.marketing.people.touches.rules import TouchPoint
from shared.money import Splitter, splitter

Cause = Literal["closed", "amended", "refunded", "reopened"]
ONE_DEAL = 1_000_000  # a won deal in millionths: shares of a deal are whole numbers and add up, too


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedDeal:
    """What an event says a deal is worth now. Nothing unless it is won."""

    deal_id: UUID
    version: int
    cause: Cause
    outcome: str | None
    origin: str
    lead_id: UUID | None
    contact_ids: tuple[UUID, ...]
    amount_minor: int
    currency: str
    reporting_amount_minor: int
    reporting_currency: str
    closed_on: date
    closed_at: datetime

    @property
    def won(self) -> bool:
        return self.outcome == "won"

    @property
    def worth(self) -> "Worth":
        if not self.won:
            return Worth(0, 0, 0)
        return Worth(self.amount_minor, self.reporting_amount_minor, ONE_DEAL)


class Worth(NamedTuple):
    """What is split: the amount, the reporting amount, and the one deal."""

    amount: int
    reporting: int
    deals_ppm: int


class Shares(NamedTuple):
    """What one spot has of a deal: parts of each of its worths, one per model, in the models' order."""

    amounts: tuple[int, ...]
    reporting: tuple[int, ...]
    deals_ppm: tuple[int, ...]

    @property
    def is_zero(self) -> bool:
        return not (any(self.amounts) or any(self.reporting) or any(self.deals_ppm))

    def plus(self, other: "Shares") -> "Shares":
        return Shares(*(tuple(map(add, mine, more)) for mine, more in zip(self, other, strict=True)))

    def minus(self, other: "Shares") -> "Shares":
        return Shares(*(tuple(map(sub, mine, less)) for mine, less in zip(self, other, strict=True)))

    def taken_back(self) -> "Shares":
        return Shares(*(tuple(map(neg, part)) for part in self))


class CreditTarget(NamedTuple):
    """What a credit goes to, on which days. Without a touch the bucket says why there is none."""

    bucket: str
    touch_id: UUID | None
    campaign_id: UUID | None
    channel: str | None
    closed_on: date
    touched_on: date


class Line(NamedTuple):
    """One row of the ledger: the change at one spot.

    `place` is the touch's position in the journey; a line that only takes back has none.
    """

    place: int | None
    spot: CreditTarget
    shares: Shares


# ---- models: the weights of a journey's touches ---------------------------------------------------


def first(touches: int) -> list[Fraction]:
    """Everything to the touch that began it."""
    return [Fraction(1), *[Fraction(0)] * (touches - 1)]


def last(touches: int) -> list[Fraction]:
    """Everything to the touch before the close."""
    return [*[Fraction(0)] * (touches - 1), Fraction(1)]


def linear(touches: int) -> list[Fraction]:
    """The same to every touch."""
    return [Fraction(1, touches)] * touches


Journey = Sequence[TouchPoint]
Weights = tuple[int, ...]
Model = Callable[[Journey], Weights]


def by_number(shares: Callable[[int], list[Fraction]]) -> Model:
    """A model that looks at nothing but how many touches there are: worked out once per number."""

    @lru_cache(maxsize=512)
    def weights(touches: int) -> tuple[int, ...]:
        exact = shares(touches)
        common = lcm(*(share.denominator for share in exact))
        return tuple(int(share * common) for share in exact)

    return lambda journey: weights(len(journey))


# The order here is the order of the arrays in the ledger. A model is added at the end.
MODELS: Mapping[str, Model] = {
    "first": by_number(first),
    "last": by_number(last),
    "linear": by_number(linear),
}


# ---- journeys -------------------------------------------------------------------------------------


def spots_of(deal: ClosedDeal, journey: Sequence[TouchPoint]) -> list[CreditTarget]:
    """Where the credits of this close go. Without a touch it is one spot that is never shown as Direct."""
    if not journey:
        bucket = "sales_sourced" if deal.origin == "prospecting" else "unattributed"
        return [CreditTarget(bucket, None, None, None, deal.closed_on, deal.closed_on)]
    return [
        CreditTarget(
            "touch", touch.id, touch.campaign_id, touch.channel, deal.closed_on, touch.occurred_at.date()
        )
        for touch in journey
    ]


# ---- splitting and booking ------------------------------------------------------------------------


def shares_of(worth: Worth, weights: Sequence[Weights]) -> list[Shares]:
    """The worth split under each model, turned round: what each spot has."""
    by = tuple([splitter(each) for each in weights])
    amounts = _by_spot(worth.amount, by)
    # Most deals are in the currency of the reports.
    reporting = amounts if worth.reporting == worth.amount else _by_spot(worth.reporting, by)
    return list(map(Shares, amounts, reporting, _by_spot_again(worth.deals_ppm, by)))


def _by_spot(total: int, by: Sequence[Splitter]) -> list[tuple[int, ...]]:
    """For each spot, its part under each model."""
    return list(zip(*[share(total) for share in by], strict=True))


# Every deal is one deal, so it is split in the same way over and over.
_by_spot_again = lru_cache(maxsize=512)(_by_spot)


def weights_of(journey: Journey, models: Iterable[str]) -> list[Weights]:
    """Each model's weights of this journey; without a touch the one spot takes it all."""
    return [MODELS[model](journey) if journey else (1,) for model in models]


def book(exact: Mapping[CreditTarget, Shares], booked: Mapping[CreditTarget, Shares]) -> list[Line]:
    """The lines that bring the ledger from what is booked to what is exact.

    The exact spots come in the order of the journey and are all written, changed or not: a later
    correction finds the journey in them. What is booked elsewhere is taken back.
    """
    lines = [
        Line(place, spot, shares.minus(booked[spot]) if spot in booked else shares)
        for place, (spot, shares) in enumerate(exact.items(), start=1)
    ]
    for spot, shares in booked.items():
        if spot not in exact and not shares.is_zero:
            lines.append(Line(None, spot, shares.taken_back()))
    return lines


# ---- sums by day ----------------------------------------------------------------------------------


class Sum(NamedTuple):
    """What is added to the sum of a day, and of its month."""

    basis: str
    currency: str
    day: date
    campaign_id: UUID
    channel: str
    bucket: str
    model: str
    revenue_minor: int
    deals_ppm: int


def sums_by_day(written: Iterable[tuple[ClosedDeal, Sequence[Line]]]) -> list[Sum]:
    """What these lines add to the sums the reports read, in the order of their key.

    Each credit counts twice: on the day of the close, and on the day of its touch.
    """
    sums: dict[tuple[str, str, date, UUID, str, str], list[int]] = {}
    models = tuple(MODELS)
    nothing = [0] * (2 * len(models))
    for deal, lines in written:
        currency = deal.reporting_currency
        for _, spot, shares in lines:
            to = (spot.campaign_id or NIL, spot.channel or "", spot.bucket)
            change = shares.reporting + shares.deals_ppm
            for key in (
                ("closed", currency, spot.closed_on, *to),
                ("touched", currency, spot.touched_on, *to),
            ):
                sums[key] = list(map(add, sums.get(key, nothing), change))
    return [
        Sum(*key, model, revenue, deals_ppm)
        for key, totals in sorted(sums.items())
        for model, revenue, deals_ppm in zip(models, totals, totals[len(models) :], strict=False)
        if revenue or deals_ppm
    ]
