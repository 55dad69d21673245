"""What HTTP takes in and shows of payments."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from services.sales.schemas import PositivePrice
from services.sales.selling.deals.rules import PaymentState
from services.sales.selling.payments.rules import Kind
from shared.events.envelope import Code
from shared.http.schemas import Amount, RequestBody, UtcTime, View, example

Reference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/#-]{0,79}$")]

PAYMENT: dict[str, Any] = {
    "amount": {"amount": "12000.00", "currency": "USD"},
    "paid_on": "2026-11-22",
    "reference": "INV-2026-0117",
}


VIEW: dict[str, Any] = {
    "id": "01937a5e-0007-7aaa-8bbb-000000000007",
    "deal_id": "01937a5e-0d5c-7c1e-9a55-3f0f5f1c2b10",
    "kind": "payment",
    **PAYMENT,
    "reason": None,
    "voids": None,
    "voided_at": None,
    "by": "finance-1",
    "recorded_at": "2026-11-22T09:00:00Z",
}


class PaymentForm(RequestBody):
    """Money that came in or was paid back, in the deal's currency. The reference, once per deal, recognises a
    repeat.
    """

    model_config = example(**PAYMENT)

    kind: Literal["payment", "refund", "chargeback"] = Field(
        default="payment",
        description="refund: paid back; chargeback: taken back through their bank. Neither says that the "
        "deal earns less: that is POST /v1/deals/{id}/refunds.",
    )
    amount: PositivePrice
    paid_on: date
    reference: Reference


class VoidForm(RequestBody):
    """Why the line is undone: it was booked by mistake, on the wrong deal, twice."""

    model_config = example(reason="wrong_deal")

    reason: Code


class CorrectionForm(RequestBody):
    """What the line should have said; what is left out stays."""

    model_config = example(amount={"amount": "9999.00", "currency": "USD"}, reason="mistyped")

    amount: PositivePrice | None = None
    paid_on: date | None = None
    reason: Code = "mistyped"


class PaymentView(View):
    """A line. `voids` is the line that it undoes; a line undone has `voided_at`, and counts no more."""

    model_config = example(**VIEW)

    id: UUID
    deal_id: UUID
    kind: Kind
    amount: Amount
    paid_on: date
    reference: str
    reason: str | None
    voids: UUID | None
    voided_at: UtcTime | None
    by: str
    recorded_at: UtcTime


class BookedView(PaymentView):
    """The line as booked, and how the deal stands by now."""

    model_config = example(
        **VIEW,
        payment="overpaid",
        balance={"amount": "-99.00", "currency": "USD"},
        overpaid=True,
    )

    payment: PaymentState | None = Field(description="null: nothing is due yet, or ever.")
    balance: Amount = Field(description="What is still due; below 0: overpaid.")
    overpaid: bool = Field(description="More was paid than is due: void the line or pay it back.")
