"""Booking money, and undoing what was booked by mistake; the same reference again is the same line."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.selling.access import PAYMENTS
from services.sales.selling.deals.rules import OPEN, WON, latest_today
from services.sales.selling.deals.tables import Deal
from services.sales.selling.deals.trail import changing
from services.sales.selling.deals.use_cases import take
from services.sales.selling.payments import queries
from services.sales.selling.payments.rules import Kind, signed
from services.sales.selling.payments.schemas import CorrectionForm, PaymentForm
from services.sales.selling.payments.tables import Payment
from shared import clock
from shared.auth.access import Access, Caller
from shared.database.sessions import database_time
from shared.errors import ConflictError, InvalidError, NotFoundError
from shared.http.schemas import Amount

Booked = tuple[Payment, Deal]


async def record_payment(
    session: AsyncSession,
    caller: Caller,
    deal_id: UUID,
    form: PaymentForm,
    access: Access,
    *,
    now: datetime,
) -> Booked:
    """Book a line, once per reference: the same again is the one already booked, also one undone since.

    `access` says on whose deals. Raises what `take` raises, ConflictError, InvalidError.
    """
    # Locked: its sum of payments is kept with them.
    deal = await take(session, caller, deal_id, access)
    known = await queries.by_reference(session, deal.id, form.reference)
    wanted = form.kind, form.amount.minor, form.amount.currency, form.paid_on
    if same := next((line for line in known if _says(line) == wanted), None):
        return same, deal
    if known and known[0].voided_at is None:
        raise ConflictError(
            f"The deal has a {known[0].kind} {form.reference} of another amount, day or kind; give a new one "
            "its own reference, or correct that one."
        )
    if form.kind == "payment" and deal.state not in (OPEN, WON):
        raise ConflictError(f"The deal is {deal.state}; payments are booked on open and won deals.")
    line = await _line(session, deal, form.kind, form.amount, form.paid_on, form.reference, caller, now)
    await _add(session, deal, [line], signed(form.kind, line.amount_minor), caller, now)
    return line, deal


async def void_payment(
    session: AsyncSession, caller: Caller, deal_id: UUID, payment_id: UUID, *, reason: str, now: datetime
) -> Booked:
    """Undo a line by a line. Raises what `take` raises, NotFoundError, ConflictError."""
    deal, line = await _standing(session, caller, deal_id, payment_id)
    void = await _void(session, line, reason, caller, now)
    await _add(session, deal, [void], -signed(line.kind, line.amount_minor), caller, now)
    return void, deal


async def correct_payment(
    session: AsyncSession,
    caller: Caller,
    deal_id: UUID,
    payment_id: UUID,
    form: CorrectionForm,
    *,
    now: datetime,
) -> Booked:
    """Undo a line and book what it should have said. Raises what `void_payment` does, InvalidError."""
    deal, wrong = await _standing(session, caller, deal_id, payment_id)
    amount = form.amount or wrong.amount
    day = form.paid_on or wrong.paid_on
    if (amount.minor, amount.currency, day) == (wrong.amount_minor, wrong.currency, wrong.paid_on):
        raise ConflictError("The line says just that already.")
    void = await _void(session, wrong, form.reason, caller, now)
    await session.flush()  # the reference is free now
    right = await _line(session, deal, wrong.kind, amount, day, wrong.reference, caller, now)
    change = signed(right.kind, right.amount_minor) - signed(wrong.kind, wrong.amount_minor)
    await _add(session, deal, [void, right], change, caller, now)
    return right, deal


async def _standing(
    session: AsyncSession, caller: Caller, deal_id: UUID, payment_id: UUID
) -> tuple[Deal, Payment]:
    deal = await take(session, caller, deal_id, PAYMENTS.change)
    line = await queries.line(session, deal.id, payment_id)
    if line is None:
        raise NotFoundError(f"The deal has no payment {payment_id}.")
    if line.voids is not None:
        raise ConflictError("It is a void itself; book the payment anew.")
    if line.voided_at is not None:
        raise ConflictError("It is void already.")
    return deal, line


async def _line(
    session: AsyncSession,
    deal: Deal,
    kind: Kind,
    amount: Amount,
    day: date,
    reference: str,
    caller: Caller,
    now: datetime,
) -> Payment:
    if amount.currency != deal.currency:
        raise InvalidError(
            f"The deal is in {deal.currency}; give the payment in it.",
            errors=[{"pointer": "/amount/currency", "detail": f"Must be {deal.currency}."}],
        )
    if day > latest_today(now):
        raise InvalidError(
            "It can't have been paid yet.", errors=[{"pointer": "/paid_on", "detail": "Lies in the future."}]
        )
    return Payment(
        id=clock.new_id(await database_time(session)),
        deal_id=deal.id,
        kind=kind,
        amount_minor=amount.minor,
        currency=deal.currency,
        paid_on=day,
        reference=reference,
        by=caller.subject,
        recorded_at=now,
    )


async def _void(session: AsyncSession, line: Payment, reason: str, caller: Caller, now: datetime) -> Payment:
    line.voided_at = now
    return Payment(
        id=clock.new_id(await database_time(session)),
        deal_id=line.deal_id,
        kind="void",
        voids=line.id,
        amount_minor=line.amount_minor,
        currency=line.currency,
        paid_on=line.paid_on,
        reference=line.reference,
        reason=reason,
        by=caller.subject,
        recorded_at=now,
    )


async def _add(
    session: AsyncSession, deal: Deal, lines: list[Payment], change: int, caller: Caller, now: datetime
) -> None:
    if deal.collected_minor + change < 0:
        raise ConflictError(
            f"The deal has collected {deal.collected.amount} {deal.currency}; more than that would go back."
        )
    with changing(session, deal, by=caller.subject, at=now):
        deal.collected_minor += change
    session.add_all(lines)
    await session.flush()


def _says(line: Payment) -> tuple[str, int, str, date]:
    return line.kind, line.amount_minor, line.currency, line.paid_on
