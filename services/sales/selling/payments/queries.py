"""Every SELECT on payments."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.selling.payments.tables import Payment


async def payments_of(session: AsyncSession, deal_id: UUID) -> Sequence[Payment]:
    rows = select(Payment).where(Payment.deal_id == deal_id).order_by(Payment.paid_on, Payment.id)
    return (await session.scalars(rows)).all()


async def payment_by_reference(session: AsyncSession, deal_id: UUID, reference: str) -> Payment | None:
    query = select(Payment).where(Payment.deal_id == deal_id, Payment.reference == reference)
    return (await session.scalars(query)).first()
