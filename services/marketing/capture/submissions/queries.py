"""The SELECTs behind the lists: what people look at, as opposed to what the intake works on."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Text, cast, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import ColumnElement

from services.marketing.capture.balance.rules import Counted
from services.marketing.capture.deliveries.tables import Delivery, Refusal, Submission, Tally

DELIVERY_COLUMNS = (
    Delivery.id,
    Delivery.door,
    Delivery.source_id,
    Delivery.state,
    Delivery.reason,
    Delivery.repeat_of,
    Delivery.content_type,
    Delivery.sender,
    func.octet_length(Delivery.body).label("size"),
    Delivery.received_at,
    Delivery.settled_at,
    Delivery.traceparent,
)


def deliveries(**wanted: Any) -> Select[Any]:
    """Deliveries without their bodies, narrowed by the columns given."""
    return _narrowed(select(*DELIVERY_COLUMNS), Delivery, wanted)


def submissions(**wanted: Any) -> Select[Submission]:
    return _narrowed(select(Submission), Submission, wanted)


def _narrowed(query: Select[Any], table: Any, wanted: dict[str, Any]) -> Select[Any]:
    for name, value in wanted.items():
        if value is not None:
            query = query.where(getattr(table, name) == value)
    return query


async def delivery(
    session: AsyncSession, delivery_id: UUID
) -> tuple[Row[Any], bytes | None, str | None] | None:
    """A delivery, its raw body and its user agent."""
    query = select(*DELIVERY_COLUMNS, Delivery.body, Delivery.user_agent).where(Delivery.id == delivery_id)
    row = (await session.execute(query)).one_or_none()
    return (row, row.body, row.user_agent) if row is not None else None


async def submission_ids(session: AsyncSession, delivery_id: UUID) -> list[UUID]:
    query = select(Submission.id).where(Submission.delivery_id == delivery_id).order_by(Submission.item)
    return list((await session.scalars(query)).all())


async def submission(session: AsyncSession, submission_id: UUID, *, lock: bool = False) -> Submission | None:
    return await session.get(Submission, submission_id, with_for_update=lock)


def _day(column: Any) -> ColumnElement[date]:
    return func.date(func.timezone("UTC", column))


async def counted(session: AsyncSession, from_day: date | None, to_day: date | None) -> list[Counted]:
    """Rows by door, day and state, and what was tallied, in one statement: one moment for all of it."""

    def in_period(query: Select[Any], day: Any) -> Select[Any]:
        query = query.where(day >= from_day) if from_day else query
        return query.where(day < to_day) if to_day else query

    def of_rows(kind: str, table: Any) -> Select[Any]:
        day = _day(table.received_at)
        query = select(literal(kind), day, table.door, cast(table.state, Text), func.count())
        return in_period(query.group_by(day, table.door, table.state), day)

    def of_tallies(kind: str, what: str, table: Any, column: Any) -> Select[Any]:
        query = select(literal(kind), table.day, table.door, literal(what), func.sum(column))
        return in_period(query.group_by(table.day, table.door), table.day)

    rows = await session.execute(
        union_all(
            of_rows("delivery", Delivery),
            of_rows("submission", Submission),
            of_tallies("tally", "deliveries", Tally, Tally.deliveries),
            of_tallies("tally", "submissions", Tally, Tally.submissions),
            of_tallies("refused", "all", Refusal, Refusal.count),
        )
    )
    return [(kind, day, door, state, int(count)) for kind, day, door, state, count in rows]
