"""What HTTP takes in of closings and their corrections."""

from datetime import date

from pydantic import Field

from services.sales.schemas import PositivePrice, Text
from services.sales.selling.deals.schemas import Backdated
from shared.events.envelope import Code
from shared.http.schemas import RequestBody, UtcTime, example

CloseDay = Field(
    default=None,
    description="The business day of the close, today when left out. A rep may say yesterday.",
)


class WinForm(RequestBody):
    """A deal needs an amount above 0 and to be in the pipeline; `amount` sets it in the same step."""

    model_config = example(closed_on="2026-11-23")

    amount: PositivePrice | None = Field(default=None, description="The contract's value, if not set before.")
    closed_on: date | None = CloseDay
    occurred_at: UtcTime | None = Backdated


class LossForm(RequestBody):
    """Why, as codes: what everybody may read and count. A note says more, and stays with the deal."""

    model_config = example(reason="price", competitor="acme", closed_on="2026-11-23")

    reason: Code = Field(description="Of GET /v1/lists/loss_reasons.")
    competitor: Code | None = Field(default=None, description="Of GET /v1/lists/competitors.")
    note: Text | None = Field(default=None, description="`other` and its like need one.")
    closed_on: date | None = CloseDay
    occurred_at: UtcTime | None = Backdated


class ReopenForm(RequestBody):
    model_config = example()

    occurred_at: UtcTime | None = Backdated


class AmendForm(RequestBody):
    """The contract's new value, before refunds, in the deal's currency."""

    model_config = example(amount={"amount": "10000.00", "currency": "USD"})

    amount: PositivePrice
    occurred_at: UtcTime | None = Backdated


class RefundForm(RequestBody):
    """Money given back: its net share, in the deal's currency."""

    model_config = example(amount={"amount": "1500.00", "currency": "USD"}, reason="service_credit")

    amount: PositivePrice
    reason: Code = "unspecified"
    occurred_at: UtcTime | None = Backdated
