"""`/v1/deals/{id}/payments`: what was paid, and booking a payment."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from services.sales.selling.access import PAYMENTS, PAYMENTS_OF_SELLERS
from services.sales.selling.deals.queries import visible_deal
from services.sales.selling.payments import queries, use_cases
from services.sales.selling.payments.schemas import PaymentForm, PaymentView
from shared import clock
from shared.auth.access import Caller
from shared.errors import NotFoundError
from shared.http.service import Transaction, router

PATH = "/v1/deals/{deal_id}/payments"
payments = router(PATH, tags=["payments"])
Readers = Annotated[Caller, Depends(PAYMENTS.read)]


@payments.get("")
async def list_payments(deal_id: UUID, session: Transaction, caller: Readers) -> list[PaymentView]:
    """The payments of a deal, by the day they came in."""
    if await visible_deal(session, caller, deal_id) is None:
        raise NotFoundError(f"No deal {deal_id}.")
    return [PaymentView.model_validate(each) for each in await queries.payments_of(session, deal_id)]


def booking(*, by_sellers: bool) -> APIRouter:
    """Who may book is a setting, and a route's callers are known when its service starts."""
    access = (PAYMENTS_OF_SELLERS if by_sellers else PAYMENTS).change
    routes = router(PATH, tags=["payments"])

    @routes.post("", status_code=201)
    async def record_payment(
        deal_id: UUID, form: PaymentForm, session: Transaction, caller: Annotated[Caller, Depends(access)]
    ) -> PaymentView:
        """Record a payment; the same reference again is the same payment."""
        payment = await use_cases.record_payment(session, caller, deal_id, form, access, now=clock.now())
        return PaymentView.model_validate(payment)

    return routes
