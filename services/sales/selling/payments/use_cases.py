"""Booking a payment; the same reference again is the same payment."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.selling.deals.rules import OPEN, WON
from services.sales.selling.deals.use_cases import take
from services.sales.selling.payments import queries
from services.sales.selling.payments.schemas import PaymentForm
from services.sales.selling.payments.tables import Payment
from shared import clock
from shared.auth.access import Access, Caller
from shared.database.sessions import database_time
from shared.errors import ConflictError, InvalidError


async def record_payment(
    session: AsyncSession,
    caller: Caller,
    deal_id: UUID,
    form: PaymentForm,
    access: Access,
    *,
    now: datetime,
) -> Payment:
    """Book a payment, once per reference: the same again is the one already booked.

    `access` says on whose deals. Raises what `take` raises, ConflictError, InvalidError.
    """
    # Locked: its sum of payments is kept with them.
    deal = await take(session, caller, deal_id, access)
    known = await queries.payment_by_reference(session, deal.id, form.reference)
    if known is not None:
        return _same(known, form)
    if deal.state not in (OPEN, WON):
        raise ConflictError(f"The deal is {deal.state}; payments are booked on open and won deals.")
    if form.amount.currency != deal.currency:
        raise InvalidError(
            f"The deal is in {deal.currency}; give the payment in it.",
            errors=[{"pointer": "/amount/currency", "detail": f"Must be {deal.currency}."}],
        )
    if form.paid_on > now.date():
        raise InvalidError(
            "It can't have been paid yet.", errors=[{"pointer": "/paid_on", "detail": "Lies in the future."}]
        )
    payment = Payment(
        id=clock.new_id(await database_time(session)),
        deal_id=deal.id,
        amount_minor=form.amount.minor,
        currency=deal.currency,
        paid_on=form.paid_on,
        reference=form.reference,
        by=caller.subject,
        recorded_at=now,
    )
    session.add(payment)
    deal.collected_minor += payment.amount_minor
    deal.revision += 1
    return payment


def _same(known: Payment, form: PaymentForm) -> Payment:
    given = (form.amount.minor, form.amount.currency, form.paid_on)
    if given != (known.amount_minor, known.currency, known.paid_on):
        raise ConflictError(
            f"The deal has a payment {form.reference} of another amount or day; give a new one its own."
        )
    return known
