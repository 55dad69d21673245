"""The SELECTs of a deal's page beyond those of the slices it shows."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.reference.reps.tables import Rep
from services.sales.selling.deals.rules import OPEN
from services.sales.selling.deals.tables import Deal

MOST = 20


async def open_deals_of_company(session: AsyncSession, deal: Deal) -> Sequence[Any]:
    """Other open deals with the deal's company and who has them, whoever they are: the latest first."""
    if deal.company_id is None:
        return []
    others = (
        select(Deal.id, Deal.stage, Deal.opened_at, Deal.rep_id, Rep.display_name.label("rep_name"))
        .outerjoin(Rep, Rep.id == Deal.rep_id)
        .where(Deal.company_id == deal.company_id, Deal.state == OPEN, Deal.id != deal.id)
    )
    return (await session.execute(others.order_by(Deal.id.desc()).limit(MOST))).all()
