"""`/v1/deals/{id}/payments`: what was paid, and booking a payment."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.sales.selling.access import PAYMENTS
from services.sales.selling.deals.queries import visible_deal
from services.sales.selling.payments import queries, use_cases
from services.sales.selling.payments.schemas import PaymentForm, PaymentView
from shared import clock
from shared.auth.access import Caller
from shared.errors import NotFoundError
from shared.http.service import Transaction, router

payments = router("/v1/deals/{deal_id}/payments", tags=["payments"])
Readers = Annotated[Caller, Depends(PAYMENTS.read)]
Bookers = Annotated[Caller, Depends(PAYMENTS.change)]


@payments.get("")
async def list_payments(deal_id: UUID, session: Transaction, caller: Readers) -> list[PaymentView]:
    """The payments of a deal, by the day they came in."""
    if await visible_deal(session, caller, deal_id) is None:
        raise NotFoundError(f"No deal {deal_id}.")
    return [PaymentView.model_validate(each) for each in await queries.payments_of(session, deal_id)]


@payments.post("", status_code=201)
async def record_payment(
    deal_id: UUID, form: PaymentForm, session: Transaction, caller: Bookers
) -> PaymentView:
    """Record a payment; the same reference again is the same payment."""
    payment = await use_cases.record_payment(session, caller, deal_id, form, now=clock.now())
    return PaymentView.model_validate(payment)
