"""`/v1/deals/{id}/payments`: what was paid, and booking a payment."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from services.sales.selling.access import PAYMENTS, PAYMENTS_OF_SELLERS
from services.sales.selling.deals.queries import visible_deal
from services.sales.selling.payments import queries, use_cases
from services.sales.selling.payments.schemas import (
    BookedView,
    CorrectionForm,
    PaymentForm,
    PaymentView,
    VoidForm,
)
from shared import clock
from shared.auth.access import Caller
from shared.errors import NotFoundError
from shared.http.service import Transaction, router

PATH = "/v1/deals/{deal_id}/payments"
payments = router(PATH, tags=["payments"])
Readers = Annotated[Caller, Depends(PAYMENTS.read)]
Bookers = Annotated[Caller, Depends(PAYMENTS.change)]


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
    ) -> BookedView:
        """Record a payment, or what was paid back; the same reference again is the same line."""
        return _booked(
            await use_cases.record_payment(session, caller, deal_id, form, access, now=clock.now())
        )

    return routes


@payments.post("/{payment_id}/void", status_code=201)
async def void_payment(
    deal_id: UUID, payment_id: UUID, form: VoidForm, session: Transaction, caller: Bookers
) -> BookedView:
    """Undo a line that was booked by mistake, by a line of its own. Answers with that one."""
    done = await use_cases.void_payment(
        session, caller, deal_id, payment_id, reason=form.reason, now=clock.now()
    )
    return _booked(done)


@payments.post("/{payment_id}/correct", status_code=201)
async def correct_payment(
    deal_id: UUID, payment_id: UUID, form: CorrectionForm, session: Transaction, caller: Bookers
) -> BookedView:
    """Undo a mistyped line and book what it should have said, under the same reference."""
    return _booked(
        await use_cases.correct_payment(session, caller, deal_id, payment_id, form, now=clock.now())
    )


def _booked(booked: use_cases.Booked) -> BookedView:
    line, deal = booked
    return BookedView(
        **PaymentView.model_validate(line).model_dump(),
        payment=deal.payment,
        balance=deal.balance,
        overpaid=deal.payment == "overpaid",
    )
