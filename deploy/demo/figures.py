"""What the reports have to say, worked out from what the demo did and from nothing the services compute.

On purpose this shares no code with them: two ways to a sum are worth more than one.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal

MODELS = ("first", "last", "linear")
SALES_SOURCED = "sales_sourced"


@dataclass(frozen=True, slots=True)
class Met:
    """A touch as it happened: the campaign's id, and when."""

    campaign_id: str
    at: datetime


def converted(cents: int, rate: Decimal) -> int:
    """Cents of one currency in another that has cents, too."""
    return int((cents * rate).quantize(Decimal(1), ROUND_HALF_EVEN))


@dataclass(slots=True)
class Won:
    """A deal the demo won, as it drove it. Amounts in cents; `rate` is into the reporting currency."""

    deal_id: str
    amount: int
    rate: Decimal
    closed_on: date
    closed_at: datetime
    journey: Sequence[Met] = ()
    refunded: int = 0
    version: int = 0  # of the deal, as sales last told it

    @property
    def earned(self) -> int:
        """Cents of the reporting currency: what is left after refunds, converted once, half to even."""
        return converted(self.amount - self.refunded, self.rate)

    def credits(self, model: str) -> Counter[str]:
        """Who gets how many cents of it under a model, by campaign."""
        met = sorted(
            (touch for touch in self.journey if touch.at <= self.closed_at), key=lambda touch: touch.at
        )
        if not met:
            return Counter({SALES_SOURCED: self.earned})
        if model in ("first", "last"):
            return Counter({met[0 if model == "first" else -1].campaign_id: self.earned})
        # Everyone the same; the cents that can't be shared go to the earliest, one each.
        each, left = divmod(self.earned, len(met))
        found: Counter[str] = Counter()
        for place, touch in enumerate(met):
            found[touch.campaign_id] += each + (place < left)
        return found


@dataclass(slots=True)
class Books:
    """The month as the demo knows it."""

    won: list[Won] = field(default_factory=list)
    rates: Mapping[date, Decimal] = field(default_factory=dict)  # USD into EUR, from that day on
    spend: dict[str, list[tuple[date, int, str]]] = field(default_factory=dict)  # by campaign id

    def rate(self, currency: str, day: date) -> Decimal:
        """The rate that held on a day."""
        if currency == "EUR":
            return Decimal(1)
        return self.rates[max(start for start in self.rates if start <= day)]

    def credits(self, model: str) -> Counter[str]:
        """Cents by campaign under a model, and those no campaign earned."""
        total: Counter[str] = Counter()
        for deal in self.won:
            total.update(deal.credits(model))
        return total

    def earned(self) -> int:
        return sum(deal.earned for deal in self.won)

    def cost(self, campaign_id: str) -> int:
        """What a campaign cost, each day at its own rate."""
        days = self.spend.get(campaign_id, [])
        return sum(converted(amount, self.rate(currency, day)) for day, amount, currency in days)
