"""Every SELECT on the sheets of demos."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Date, Row, Select, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.work.access import DEMO_FIGURES
from services.sales.work.activities.queries import activities_within
from services.sales.work.activities.tables import Activity
from services.sales.work.demos.rules import NO_SHOW, SHOWN
from services.sales.work.demos.tables import Demo
from shared.auth.access import Caller


async def sheet_of(session: AsyncSession, activity_id: UUID) -> Demo | None:
    return (await session.scalars(select(Demo).where(Demo.activity_id == activity_id))).first()


def demos(caller: Caller, start: date, end: date) -> Select[Activity]:
    """Those in a period, in UTC, by the day they were last put to or, if that was not noted, done."""
    day = cast(func.timezone("UTC", func.coalesce(Activity.due_at, Activity.done_at)), Date)
    found = activities_within(DEMO_FIGURES.read, caller).where(
        Activity.kind.in_(SHOWN), day >= start, day < end
    )
    return found.order_by(Activity.id)


async def objections(session: AsyncSession, of: Select[Activity]) -> Sequence[Row[str, int, int]]:
    """(category, how many, resolved) of what spoke against it in these, where they were held."""
    held = of.where(
        Activity.done_at.is_not(None),
        Activity.cancelled_at.is_(None),
        Activity.outcome.is_distinct_from(NO_SHOW),
    )
    held_ids = held.with_only_columns(Activity.id).order_by(None)
    one = func.jsonb_array_elements(Demo.objections).table_valued("value", joins_implicitly=True)
    category = one.c.value.op("->>")("category")
    resolved = func.count().filter(one.c.value.op("->>")("resolved") == "true")
    rows = select(category, func.count(), resolved).select_from(Demo, one)
    grouped = rows.where(Demo.activity_id.in_(held_ids)).group_by(category)
    return (await session.execute(grouped.order_by(func.count().desc(), category))).all()
