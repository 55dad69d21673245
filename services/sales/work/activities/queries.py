"""Every SELECT on activities."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.reference.reps.queries import reps_within
from services.sales.selling.deals.rules import OPEN
from services.sales.selling.deals.tables import Deal
from services.sales.work.access import ACTIVITIES
from services.sales.work.activities.rules import day_of, week_of
from services.sales.work.activities.schemas import ActivityFilter, Shown
from services.sales.work.activities.tables import Activity
from shared.auth.access import Access, Caller


async def activities_of(session: AsyncSession, deal_id: UUID) -> Sequence[Activity]:
    rows = select(Activity).where(Activity.deal_id == deal_id).order_by(Activity.id)
    return (await session.scalars(rows)).all()


def activities_within(access: Access, caller: Caller) -> Select[Activity]:
    """Those of the deals to which the table lets this caller do something, and those such a rep is to do."""
    reps = reps_within(access, caller)
    query = select(Activity)
    if reps is None:
        return query
    deals = select(Deal.id).where(Deal.rep_id.in_(reps))
    return query.where(or_(Activity.deal_id.in_(deals), Activity.assignee_id.in_(reps)))


def filtered(query: Select[Activity], filters: ActivityFilter, *, now: datetime) -> Select[Activity]:
    """The activities asked for, at this moment."""
    if filters.shown is not None:
        query = query.where(in_view(filters.shown, now, ZoneInfo(filters.time_zone)))
    if filters.assignee_id is not None:
        query = query.where(is_of(filters.assignee_id))
    given = filters.model_dump(include={"deal_id", "contact_id", "kind"}, exclude_none=True)
    return query.where(*(getattr(Activity, name) == value for name, value in given.items()))


def is_of(rep_id: UUID) -> ColumnElement[bool]:
    """Whose they are to do; rows of before the assignee are the deal's owner's."""
    deals = select(Deal.id).where(Deal.rep_id == rep_id)
    return or_(
        Activity.assignee_id == rep_id, and_(Activity.assignee_id.is_(None), Activity.deal_id.in_(deals))
    )


def in_view(view: Shown, now: datetime, zone: ZoneInfo) -> ColumnElement[bool]:
    """What a closed deal left undone is to be done by nobody; it is there again when the deal is reopened."""
    match view:
        case "done":
            return and_(Activity.done_at.is_not(None), Activity.cancelled_at.is_(None))
        case "cancelled":
            return Activity.cancelled_at.is_not(None)
        case "overdue":
            due = Activity.due_at < now
        case "upcoming":
            due = Activity.due_at >= now
        case "today" | "this_week":
            begin, end = (day_of if view == "today" else week_of)(now, zone)
            due = and_(Activity.due_at >= begin, Activity.due_at < end)
    return and_(due, still_to_do())


def still_to_do() -> ColumnElement[bool]:
    """Planned, and its deal is open, if it has one."""
    open_deals = select(Deal.id).where(Deal.id == Activity.deal_id, Deal.state == OPEN)
    return and_(
        Activity.done_at.is_(None),
        Activity.cancelled_at.is_(None),
        or_(Activity.deal_id.is_(None), open_deals.exists()),
    )


async def visible_activity(session: AsyncSession, caller: Caller, activity_id: UUID) -> Activity | None:
    query = activities_within(ACTIVITIES.read, caller).where(Activity.id == activity_id)
    return (await session.scalars(query)).first()


async def activity_within(
    session: AsyncSession, access: Access, caller: Caller, activity_id: UUID
) -> Activity | None:
    """Locked, to be changed."""
    query = activities_within(access, caller).where(Activity.id == activity_id)
    return (await session.scalars(query.with_for_update(of=Activity))).first()


async def by_external_id(session: AsyncSession, external_id: str) -> Activity | None:
    return (await session.scalars(select(Activity).where(Activity.external_id == external_id))).first()
