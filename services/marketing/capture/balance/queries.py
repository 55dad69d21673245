"""What the balance counts, in one statement."""

from datetime import date
from typing import Any

from sqlalchemy import Select, Text, case, cast, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import ColumnElement

from services.marketing.capture.balance.rules import Counted
from services.marketing.capture.deliveries.tables import Delivery, Refusal, Tally
from services.marketing.capture.submissions.tables import Submission


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

    reused = case((Refusal.reason == "key_reused", Refusal.count), else_=0)
    rows = await session.execute(
        union_all(
            of_rows("delivery", Delivery),
            of_rows("submission", Submission),
            of_tallies("tally", "deliveries", Tally, Tally.deliveries),
            of_tallies("tally", "submissions", Tally, Tally.submissions),
            of_tallies("tally", "changed", Tally, Tally.changed),
            of_tallies("refused", "all", Refusal, Refusal.count),
            of_tallies("refused", "key_reused", Refusal, reused),
        )
    )
    return [(kind, day, door, state, int(count)) for kind, day, door, state, count in rows]
