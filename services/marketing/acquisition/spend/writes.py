"""The set-based write of the copy of exchange rates."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.marketing.acquisition.spend.tables import ExchangeRate
from shared.database import bulk


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of `base` is worth `rate` units of `quote` from `valid_on` on."""

    base: str
    quote: str
    valid_on: date
    rate: Decimal
    version: int


# The version counts per currency pair: a later word about the same day wins.
KEEP = bulk.insert(
    ExchangeRate,
    Rate,
    constants=("recorded_at",),
    on_conflict=bulk.replace("base", "quote", "valid_on", where="t.version < excluded.version"),
)
FORGET = "DELETE FROM exchange_rates WHERE base || ':' || quote = ANY($1::text[])"
