"""How a closed deal's money is split over the touches of its journey. Pure.

Source of the models and of the rules around them: definitions.md, "Attribution models" and
"Decided for Leadloop". A model answers shares that sum to exactly 1; money is split from them
by largest remainder, the deal's amount and the reporting amount each on its own.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import lru_cache
from typing import Literal, NamedTuple
from uuid import UUID

from services.marketing.touches.rules import TouchPoint
from shared.money import split

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


class Spot(NamedTuple):
    """What a credit goes to, on which days. Without a touch the bucket says why there is none."""

    bucket: str
    touch_id: UUID | None
    campaign_id: UUID | None
    channel: str | None
    closed_on: date
    touched_on: date


Shares = tuple[Worth, ...]  # one per model, in the order of the set's models


class Line(NamedTuple):
    """One row of the ledger: the change at one spot, one `Worth` per model.

    `place` is the touch's position in the journey; a line that only takes back has none.
    """

    place: int | None
    spot: Spot
    shares: Shares


# ---- models: the shares of a journey of n touches -------------------------------------------------


@lru_cache(maxsize=512)
def first(touches: int) -> tuple[Fraction, ...]:
    """Everything to the touch that began it."""
    return (Fraction(1), *[Fraction(0)] * (touches - 1))


@lru_cache(maxsize=512)
def last(touches: int) -> tuple[Fraction, ...]:
    """Everything to the touch before the close."""
    return (*[Fraction(0)] * (touches - 1), Fraction(1))


@lru_cache(maxsize=512)
def linear(touches: int) -> tuple[Fraction, ...]:
    """The same to every touch."""
    return (Fraction(1, touches),) * touches


def _counted(model: Callable[[int], tuple[Fraction, ...]]) -> "Model":
    return lambda journey: model(len(journey))


Model = Callable[[Sequence[TouchPoint]], Sequence[Fraction]]
# The order here is the order of the arrays in the ledger. A model is added at the end.
MODELS: Mapping[str, Model] = {
    "first": _counted(first),
    "last": _counted(last),
    "linear": _counted(linear),
}


# ---- journeys -------------------------------------------------------------------------------------


def spots_of(deal: ClosedDeal, journey: Sequence[TouchPoint]) -> list[Spot]:
    """Where the credits of this close go. Without a touch it is one spot that is never shown as Direct."""
    if not journey:
        bucket = "sales_sourced" if deal.origin == "prospecting" else "unattributed"
        return [Spot(bucket, None, None, None, deal.closed_on, deal.closed_on)]
    return [
        Spot("touch", touch.id, touch.campaign_id, touch.channel, deal.closed_on, touch.occurred_at.date())
        for touch in journey
    ]


# ---- splitting and booking ------------------------------------------------------------------------


def shares_of(worth: Worth, weights: Sequence[Sequence[Fraction]]) -> list[Shares]:
    """The worth split under each model, turned round: for each spot, its part under every model."""
    by_model = [
        [Worth(*parts) for parts in zip(*(split(total, each) for total in worth), strict=True)]
        for each in weights
    ]
    return list(zip(*by_model, strict=True))


def weights_of(journey: Sequence[TouchPoint], models: Sequence[str]) -> list[Sequence[Fraction]]:
    """Each model's shares of this journey; without a touch the one spot takes it all."""
    if not journey:
        return [(Fraction(1),)] * len(models)
    return [MODELS[model](journey) for model in models]


def book(exact: Mapping[Spot, Shares], booked: Mapping[Spot, Shares]) -> list[Line]:
    """The lines that bring the ledger from what is booked to what is exact.

    The exact spots come in the order of the journey and are all written, changed or not: a later
    correction finds the journey in them. What is booked elsewhere is taken back.
    """
    lines = [
        Line(place, spot, subtract(shares, booked[spot]) if spot in booked else shares)
        for place, (spot, shares) in enumerate(exact.items(), start=1)
    ]
    for spot, shares in booked.items():
        if spot not in exact and any(any(worth) for worth in shares):
            lines.append(Line(None, spot, tuple(Worth(*(-part for part in worth)) for worth in shares)))
    return lines


def subtract(shares: Shares, booked: Shares) -> Shares:
    return tuple(Worth(a - x, b - y, c - z) for (a, b, c), (x, y, z) in zip(shares, booked, strict=True))


def add(shares: Shares, more: Shares) -> Shares:
    return tuple(Worth(a + x, b + y, c + z) for (a, b, c), (x, y, z) in zip(shares, more, strict=True))


# ---- sums by day ----------------------------------------------------------------------------------

NIL = UUID(int=0)
Sum = tuple[str, str, str, date, UUID, str, str, int, int]


def sums_by_day(written: Iterable[tuple[ClosedDeal, Sequence[Line]]]) -> list[Sum]:
    """What these lines add to the sums the reports read, in the order of their key.

    Each credit counts twice: on the day of the close, and on the day of its touch.
    """
    sums: defaultdict[tuple[str, str, str, date, UUID, str, str], list[int]] = defaultdict(lambda: [0, 0])
    models = tuple(MODELS)
    for deal, lines in written:
        for _, spot, shares in lines:
            to = (spot.campaign_id or NIL, spot.channel or "", spot.bucket)
            for model, (_, reporting, deals_ppm) in zip(models, shares, strict=True):
                if not reporting and not deals_ppm:
                    continue
                for basis, day in (("closed", spot.closed_on), ("touched", spot.touched_on)):
                    total = sums[basis, deal.reporting_currency, model, day, *to]
                    total[0] += reporting
                    total[1] += deals_ppm
    return [(*key, revenue, deals) for key, (revenue, deals) in sorted(sums.items())]
