"""Every SELECT on the copy of deals."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.funnel.deals.tables import Deal
from services.marketing.funnel.lifecycle.rules import CycleKey
from services.marketing.funnel.lifecycle.tables import LeadCycle
from shared.database import bulk
from shared.database.sessions import driver

WON_OF = """
SELECT lead_id, contact_ids FROM deals
WHERE outcome = 'won' AND (lead_id = ANY($1::uuid[]) OR contact_ids && $2::uuid[])
"""

NO_CYCLE = CycleKey(UUID(int=0), 0)
SAME_CYCLES = bulk.Statement(
    """
WITH of_deals AS (SELECT lead_id, cycle FROM deals WHERE deal_id = ANY({ids}) AND lead_id IS NOT NULL)
SELECT deal_id FROM deals
WHERE (lead_id, cycle) IN (SELECT * FROM of_deals UNION SELECT * FROM {cycles})
""",
    ids="uuid[]",
    cycles=bulk.Rows(LeadCycle, CycleKey),
)


async def deal_by_id(session: AsyncSession, deal_id: UUID) -> Deal | None:
    return await session.get(Deal, deal_id)


async def deal_of_cycle(session: AsyncSession, lead_id: UUID, cycle: int) -> Deal | None:
    """The deal opened for this cycle of a lead."""
    query = select(Deal).where(Deal.lead_id == lead_id, Deal.cycle == cycle).limit(1)
    return await session.scalar(query)


async def won_of(
    session: AsyncSession, lead_ids: Sequence[UUID], contact_ids: Sequence[UUID]
) -> tuple[set[UUID], set[UUID]]:
    """Those of these leads, and of these contacts, of whom a deal was won."""
    rows = await (await driver(session)).fetch(WON_OF, lead_ids, contact_ids)
    leads = {row["lead_id"] for row in rows if row["lead_id"]} & set(lead_ids)
    return leads, {one for row in rows for one in row["contact_ids"]} & set(contact_ids)


async def of_the_same_cycles(
    session: AsyncSession, deal_ids: Collection[UUID], cycles: Collection[CycleKey]
) -> set[UUID]:
    """These deals, and all there are of the same cycles or of those given."""
    rows = await SAME_CYCLES(await driver(session), ids=list(deal_ids), cycles=list(cycles) or [NO_CYCLE])
    return {*deal_ids, *(row["deal_id"] for row in rows)}
