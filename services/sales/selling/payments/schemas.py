"""What HTTP takes in and shows of payments."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import StringConstraints

from services.sales.schemas import PositivePrice
from shared.http.schemas import Amount, RequestBody, UtcTime, View, example

Reference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/#-]{0,79}$")]

PAYMENT: dict[str, Any] = {
    "amount": {"amount": "12000.00", "currency": "USD"},
    "paid_on": "2026-11-22",
    "reference": "INV-2026-0117",
}


class PaymentForm(RequestBody):
    """Money that came in, in the deal's currency. The reference, once per deal, recognises a repeat."""

    model_config = example(**PAYMENT)

    amount: PositivePrice
    paid_on: date
    reference: Reference


class PaymentView(View):
    model_config = example(
        id="01937a5e-0007-7aaa-8bbb-000000000007",
        deal_id="01937a5e-0d5c-7c1e-9a55-3f0f5f1c2b10",
        **PAYMENT,
        by="finance-1",
        recorded_at="2026-11-22T09:00:00Z",
    )

    id: UUID
    deal_id: UUID
    amount: Amount
    paid_on: date
    reference: str
    by: str
    recorded_at: UtcTime
