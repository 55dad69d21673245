"""Every SELECT of deliveries: what the worker takes, and what people look at."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.capture.deliveries.rules import Raw
from services.marketing.capture.deliveries.tables import Delivery
from shared.database.sessions import Driver

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
    Delivery.attempts,
    Delivery.mark,
    Delivery.cleared_at,
)
MOST_ITEMS = 1000  # more leads than any delivery has
BACKLOG = """
SELECT pending, oldest, (SELECT count(*) FROM deliveries WHERE state = 'unreadable') AS set_aside
FROM (SELECT count(*) AS pending, extract(epoch FROM now() - min(received_at)) AS oldest
      FROM deliveries WHERE state = 'pending') AS waiting
"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits at the doors, how old the oldest of it is, and what was set aside as unreadable."""

    pending: int
    oldest_seconds: float
    set_aside: int


async def backlog(connection: Driver) -> Backlog:
    """For gauges: small however long the history is, for both states have an index of their own."""
    row = await connection.fetchrow(BACKLOG)
    if row is None:  # an aggregate always answers; the driver's type does not know
        return Backlog(0, 0.0, 0)
    return Backlog(row["pending"], float(row["oldest"] or 0), row["set_aside"])


async def deliveries_by_id(connection: Driver, ids: Collection[UUID]) -> dict[UUID, Raw]:
    rows = await connection.fetch(
        "SELECT id, door, source_id, body, content_type, traceparent, received_at, sender, mark "
        "FROM deliveries WHERE id = ANY($1::uuid[])",
        list(ids),
    )
    return {r[0]: Raw(r[0], r[1], r[2], r[3] or b"", *r[4:]) for r in map(tuple, rows)}


def deliveries(**wanted: Any) -> Select[Any]:
    """Deliveries without their bodies, narrowed by the columns given."""
    return narrowed(select(*DELIVERY_COLUMNS), Delivery, wanted)


def narrowed(query: Select[Any], table: Any, wanted: dict[str, Any]) -> Select[Any]:
    """Only rows with these values; None narrows nothing."""
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


async def delivery_of_item(session: AsyncSession, submission_id: UUID) -> Row[Any] | None:
    """The delivery in which a submission with this id is, or would be: items count up from its own id."""
    first = UUID(int=max(submission_id.int - MOST_ITEMS, 0))
    query = select(*DELIVERY_COLUMNS).where(Delivery.id.between(first, submission_id))
    return (await session.execute(query.order_by(Delivery.id.desc()).limit(1))).one_or_none()


async def set_aside_ids(session: AsyncSession, reason: str, before: datetime, most: int) -> list[UUID]:
    """The oldest of those set aside for this reason before then; locked, those nobody else replays now."""
    query = select(Delivery.id).where(Delivery.state == "unreadable", Delivery.reason == reason)
    query = query.where(Delivery.settled_at < before, Delivery.body.is_not(None))
    query = query.order_by(Delivery.id).limit(most).with_for_update(skip_locked=True)
    return list((await session.scalars(query)).all())


async def counts(session: AsyncSession) -> Sequence[Any]:
    """How many wait and how many were set aside, by door and reason, and since when."""
    query = (
        select(Delivery.state, Delivery.door, Delivery.reason, func.count(), func.min(Delivery.received_at))
        .where(Delivery.state.in_(("pending", "unreadable")))
        .group_by(Delivery.state, Delivery.door, Delivery.reason)
        .order_by(Delivery.state, Delivery.door, Delivery.reason)
    )
    return (await session.execute(query)).all()


HOLDERS = """
SELECT a.pid, a.application_name, a.state, extract(epoch FROM now() - a.xact_start)::int AS seconds
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.relation = 'deliveries'::regclass AND l.granted AND l.mode IN ('RowShareLock', 'RowExclusiveLock')
  AND a.pid <> pg_backend_pid() AND a.xact_start IS NOT NULL
GROUP BY a.pid, a.application_name, a.state, a.xact_start ORDER BY a.xact_start
"""


async def holders(connection: Driver) -> list[asyncpg.Record]:
    """Who may hold the lock of a delivery, the longest first: process at the server, name, state."""
    return await connection.fetch(HOLDERS)
