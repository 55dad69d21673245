"""Every SELECT on activities."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.selling.deals.queries import deals_within, visible_deals
from services.sales.selling.deals.tables import Deal
from services.sales.work.activities.tables import Activity
from shared.auth.access import Access, Caller


async def activities_of(session: AsyncSession, deal_id: UUID) -> Sequence[Activity]:
    rows = select(Activity).where(Activity.deal_id == deal_id).order_by(Activity.id)
    return (await session.scalars(rows)).all()


def visible_activities(caller: Caller) -> Select[Activity]:
    """The activities of the deals this caller may see."""
    return select(Activity).where(Activity.deal_id.in_(visible_deals(caller).with_only_columns(Deal.id)))


def activities_due(caller: Caller, due: str | None, *, now: datetime) -> Select[Activity]:
    """What is planned and `overdue` or `upcoming` at this moment; None: all, done or not."""
    query = visible_activities(caller)
    if due is None:
        return query
    planned = query.where(Activity.done_at.is_(None))
    return planned.where(Activity.due_at < now if due == "overdue" else Activity.due_at >= now)


async def sees_activity(session: AsyncSession, caller: Caller, activity_id: UUID) -> bool:
    query = visible_activities(caller).where(Activity.id == activity_id)
    return (await session.scalars(query)).first() is not None


async def activity_within(
    session: AsyncSession, access: Access, caller: Caller, activity_id: UUID
) -> Activity | None:
    """Locked, to be changed."""
    deals = deals_within(access, caller).with_only_columns(Deal.id)
    query = select(Activity).where(Activity.deal_id.in_(deals), Activity.id == activity_id)
    return (await session.scalars(query.with_for_update(of=Activity))).first()
