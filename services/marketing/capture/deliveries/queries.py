"""Every SELECT of deliveries that people look at."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.capture.deliveries.tables import Delivery

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
