"""What HTTP takes in and shows of spend."""

from datetime import date
from typing import Annotated

from fastapi import Depends, Query
from pydantic import AfterValidator, Field

from shared.errors import InvalidError
from shared.http.schemas import Amount, RequestBody, UtcTime, View, example

DAY = {"amount": {"amount": "312.40", "currency": "USD"}, "impressions": 18400, "clicks": 512}


def _not_negative(amount: Amount) -> Amount:
    if amount.minor < 0:
        raise ValueError("Spend can't be negative.")
    return amount


class SpendForm(RequestBody):
    """What one campaign cost on one day, in the currency it was billed in."""

    model_config = example(DAY)

    amount: Annotated[Amount, AfterValidator(_not_negative)]
    impressions: int = Field(default=0, ge=0, le=10**15)
    clicks: int = Field(default=0, ge=0, le=10**15)


class SpendView(View):
    model_config = example(
        {"day": "2026-11-22"} | DAY | {"version": 1, "recorded_at": "2026-11-23T06:00:00Z"}
    )

    day: date
    amount: Amount
    impressions: int
    clicks: int
    version: int = Field(description="Counts the figures given for this day.")
    recorded_at: UtcTime


class Period(View):
    """Days from `start` (included) to `end` (excluded)."""

    start: date
    end: date


async def _period(
    start: Annotated[date, Query(alias="from", description="First day.", examples=["2026-11-01"])],
    end: Annotated[date, Query(alias="to", description="The day after the last.", examples=["2026-12-01"])],
) -> Period:
    if end <= start:
        raise InvalidError(
            "The period is empty.", errors=[{"pointer": "/to", "detail": "`to` lies after `from`."}]
        )
    return Period(start=start, end=end)


InPeriod = Annotated[Period, Depends(_period)]
