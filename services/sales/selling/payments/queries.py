"""Every SELECT on payments."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.selling.payments.tables import Payment

# A void stands before what was booked in the line's stead.
IN_ORDER = (Payment.paid_on, Payment.recorded_at, Payment.voids.nulls_last(), Payment.id)


async def payments_of(session: AsyncSession, deal_id: UUID) -> Sequence[Payment]:
    rows = select(Payment).where(Payment.deal_id == deal_id).order_by(*IN_ORDER)
    return (await session.scalars(rows)).all()


async def by_reference(session: AsyncSession, deal_id: UUID, reference: str) -> Sequence[Payment]:
    """The lines with this reference: the one that stands first, then those undone, the latest first."""
    query = select(Payment).where(
        Payment.deal_id == deal_id, Payment.reference == reference, Payment.voids.is_(None)
    )
    in_order = query.order_by(Payment.voided_at.desc().nulls_first(), Payment.id.desc())
    return (await session.scalars(in_order)).all()


async def line(session: AsyncSession, deal_id: UUID, payment_id: UUID) -> Payment | None:
    query = select(Payment).where(Payment.deal_id == deal_id, Payment.id == payment_id)
    return (await session.scalars(query)).first()
