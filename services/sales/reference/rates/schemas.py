"""What HTTP takes in and shows of exchange rates."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, Field, PlainSerializer, model_validator

from services.sales.reference.rates.rules import parse_rate, show_rate
from shared.events.envelope import Currency
from shared.http.schemas import RequestBody, UtcTime, View, example
from shared.money import minor_units

RateText = Annotated[Decimal, PlainSerializer(show_rate, return_type=str)]


def known(currency: str) -> str:
    minor_units(currency)
    return currency


def plausible(rate: str) -> str:
    parse_rate(rate)
    return rate


KnownCurrency = Annotated[Currency, AfterValidator(known)]


class RateForm(RequestBody):
    """From `valid_on` on, one unit of `base` is worth `rate` units of `quote`."""

    model_config = example(base="USD", quote="EUR", valid_on="2026-11-01", rate="0.9215")

    base: KnownCurrency
    quote: KnownCurrency
    valid_on: date
    rate: Annotated[str, AfterValidator(plausible)] = Field(max_length=25, description="A decimal as text.")

    @model_validator(mode="after")
    def is_a_pair(self) -> Self:
        if self.base == self.quote:
            raise ValueError("A rate is between two currencies.")
        return self


class RateView(View):
    """`seq` counts the rates set for the pair; for one day the highest counts."""

    model_config = example(
        base="USD",
        quote="EUR",
        seq=3,
        valid_on="2026-11-01",
        rate="0.9215",
        set_by="finance-1",
        set_at="2026-11-01T06:00:00Z",
    )

    base: str
    quote: str
    seq: int
    valid_on: date
    rate: RateText
    set_by: str
    set_at: UtcTime
