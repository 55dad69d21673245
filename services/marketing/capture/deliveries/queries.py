"""Every SELECT of deliveries: what the worker takes, and what people look at."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.capture.deliveries.rules import Raw
from services.marketing.capture.deliveries.tables import Delivery
from shared.database.sessions import Driver

MOST_BYTES = 512 * 1024  # of bodies in one batch, so that a batch of batches stays a short transaction
TAKE = """
WITH taken AS (
    SELECT id, coalesce(octet_length(body), 0) AS size FROM deliveries
    WHERE state = 'pending' AND ($2::uuid IS NULL OR id = $2)
    ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
), counted AS (
    SELECT id, sum(size) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) - size AS before FROM taken
)
SELECT d.id, d.door, d.source_id, d.body, d.content_type, d.traceparent, d.received_at, d.sender,
       now() AS now
FROM counted c JOIN deliveries d ON d.id = c.id WHERE c.before < $3 ORDER BY d.id
"""
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


async def take_deliveries(
    connection: Driver, *, most: int, only: UUID | None = None
) -> tuple[list[Raw], datetime | None]:
    """The oldest pending deliveries, locked until the commit, and the database's time."""
    rows = await connection.fetch(TAKE, most, only, MOST_BYTES)
    raws = [Raw(r[0], r[1], r[2], r[3] or b"", r[4], r[5], r[6], r[7]) for r in rows]
    return raws, (rows[0]["now"] if rows else None)


async def pending_ids(connection: Driver, most: int) -> list[UUID]:
    rows = await connection.fetch(
        "SELECT id FROM deliveries WHERE state = 'pending' ORDER BY id LIMIT $1", most
    )
    return [row[0] for row in rows]


async def deliveries_by_id(connection: Driver, ids: Collection[UUID]) -> dict[UUID, Raw]:
    rows = await connection.fetch(
        "SELECT id, door, source_id, body, content_type, traceparent, received_at, sender FROM deliveries "
        "WHERE id = ANY($1::uuid[])",
        list(ids),
    )
    return {r[0]: Raw(r[0], r[1], r[2], r[3] or b"", r[4], r[5], r[6], r[7]) for r in rows}


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
