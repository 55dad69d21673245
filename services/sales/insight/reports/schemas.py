"""What HTTP shows of the reports."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import Field

from shared.http.schemas import Amount, View, example

EUR = {"amount": "24000.00", "currency": "EUR"}
LINE: dict[str, Any] = {
    "stage": "proposal",
    "name": "Proposal",
    "probability": 60,
    "forecast_category": "best_case",
    "counts_as_pipeline": True,
    "deals": 2,
    "amount": EUR,
    "weighted": {"amount": "14400.00", "currency": "EUR"},
}


class StageLine(View):
    """The open deals of one stage, at today's rates. `weighted` is the amount times the probability."""

    model_config = example(**LINE)

    stage: str
    name: str
    probability: int
    forecast_category: str
    counts_as_pipeline: bool
    deals: int
    amount: Amount | None
    weighted: Amount | None


class PipelineReport(View):
    """Totals are of the stages that count as pipeline; null when a currency has no rate today."""

    model_config = example(
        pipeline_id="00000000-0000-7000-8000-0000000000a1",
        rates_of="2026-11-23",
        stages=[LINE],
        deals=2,
        amount=LINE["amount"],
        weighted=LINE["weighted"],
        currencies_without_rate=[],
    )

    pipeline_id: UUID
    rates_of: date
    stages: list[StageLine]
    deals: int
    amount: Amount | None
    weighted: Amount | None
    currencies_without_rate: list[str]


class WinRateReport(View):
    """Won ÷ (won + lost), by count, of the opportunities closed in the period.

    Each deal counts once, by its latest outcome; disqualified ones don't. A fully refunded deal
    stays won and is shown apart.
    """

    model_config = example(
        **{"from": "2026-11-01", "to": "2026-12-01"},
        won=3,
        lost=9,
        win_rate="0.2500",
        fully_refunded=0,
        won_amount=EUR,
    )

    start: date = Field(serialization_alias="from")
    end: date = Field(serialization_alias="to")
    won: int
    lost: int
    win_rate: Decimal | None = Field(description="null while nothing was decided in the period.")
    fully_refunded: int
    won_amount: Amount = Field(description="What the won deals earn, after refunds.")


class LossLine(View):
    """Lost opportunities with one reason, or to one competitor, and what they were worth, by currency."""

    model_config = example(key="price", name="Too expensive", deals=4, amounts=[EUR])

    key: str | None = Field(description="null: none was named.")
    name: str | None
    deals: int
    amounts: list[Amount]


class LossReport(View):
    """Why deals were lost, and to whom, the most frequent first. Each counts once, by its latest outcome."""

    model_config = example(
        **{"from": "2026-11-01", "to": "2026-12-01"},
        lost=4,
        reasons=[{"key": "price", "name": "Too expensive", "deals": 4, "amounts": [EUR]}],
        competitors=[{"key": None, "name": None, "deals": 4, "amounts": [EUR]}],
    )

    start: date = Field(serialization_alias="from")
    end: date = Field(serialization_alias="to")
    lost: int
    reasons: list[LossLine]
    competitors: list[LossLine]
