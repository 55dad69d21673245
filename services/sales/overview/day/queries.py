"""The SELECTs of a rep's day."""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.overview.day.schemas import Activities, Deals
from services.sales.selling.deals.rules import OPEN
from services.sales.selling.deals.schemas import DealView
from services.sales.selling.deals.tables import Deal
from services.sales.work.activities.queries import in_view, is_of, still_to_do
from services.sales.work.activities.schemas import ActivityView, Shown
from services.sales.work.activities.tables import Activity

MOST = 50


async def activities(
    session: AsyncSession, rep_id: UUID, view: Shown, now: datetime, zone: ZoneInfo
) -> Activities:
    """What this rep has to do, by the view."""
    found = select(Activity).where(is_of(rep_id), in_view(view, now, zone))
    rows = await session.scalars(found.order_by(Activity.due_at, Activity.id).limit(MOST))
    items = [ActivityView.model_validate(row) for row in rows.all()]
    return Activities(count=await _count(session, found, len(items)), items=items)


async def without_next_step(session: AsyncSession, rep_id: UUID) -> Deals:
    """Open deals for which nothing is planned."""
    planned = select(Activity.id).where(Activity.deal_id == Deal.id, still_to_do())
    return await _deals(session, _open(rep_id).where(~planned.exists()))


async def past_expected_close(session: AsyncSession, rep_id: UUID, today: date) -> Deals:
    """Open deals that were expected to close before today."""
    return await _deals(session, _open(rep_id).where(Deal.expected_close_on < today))


def _open(rep_id: UUID) -> Select[Deal]:
    return select(Deal).where(Deal.rep_id == rep_id, Deal.state == OPEN)


async def _deals(session: AsyncSession, found: Select[Deal]) -> Deals:
    rows = await session.scalars(found.order_by(Deal.id).limit(MOST))
    items = [DealView.model_validate(row) for row in rows.all()]
    return Deals(count=await _count(session, found, len(items)), items=items)


async def _count(session: AsyncSession, found: Select[Deal] | Select[Activity], shown: int) -> int:
    """Counted only when not all are shown."""
    if shown < MOST:
        return shown
    return await session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0
