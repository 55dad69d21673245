"""Every SELECT on the copy of deals."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.funnel.deals.tables import Deal


async def deal_by_id(session: AsyncSession, deal_id: UUID) -> Deal | None:
    return await session.get(Deal, deal_id)


async def deal_of_cycle(session: AsyncSession, lead_id: UUID, cycle: int) -> Deal | None:
    """The deal opened for this cycle of a lead."""
    query = select(Deal).where(Deal.lead_id == lead_id, Deal.cycle == cycle).limit(1)
    return await session.scalar(query)
