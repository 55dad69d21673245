"""Reading again what could not be read, and setting aside what waits."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.capture.deliveries import claims, queries
from services.marketing.capture.deliveries.rules import GONE
from services.marketing.capture.deliveries.tables import Delivery
from shared.database.sessions import driver
from shared.errors import ConflictError, NotFoundError


async def replay_delivery(session: AsyncSession, delivery_id: UUID) -> None:
    """Read an unreadable delivery again. Raises ConflictError in every other state."""
    found = await queries.delivery(session, delivery_id)
    if found is None:
        raise NotFoundError("There is no delivery with this id.")
    if not await replay_deliveries(session, [delivery_id]):
        if found[0].cleared_at is not None:
            raise ConflictError(GONE)
        raise ConflictError(f"The delivery is {found[0].state}; only an unreadable one is replayed.")


async def replay_deliveries(session: AsyncSession, ids: list[UUID]) -> int:
    """Read these again, those of them that are unreadable and still have their bodies. Returns how many."""
    result = await session.execute(
        update(Delivery)
        .where(Delivery.id.in_(ids), Delivery.state == "unreadable", Delivery.body.is_not(None))
        .values(state="pending", reason=None, settled_at=None, attempts=0, taken_until=None)
        .returning(Delivery.id)
    )
    return len(result.all())


async def set_aside(session: AsyncSession, delivery_id: UUID, reason: str) -> Row[Any]:
    """Let nobody try a pending delivery any more. Raises ConflictError in every other state."""
    done = await claims.set_aside(await driver(session), [delivery_id], reason)
    found = await queries.delivery(session, delivery_id)
    if found is None:
        raise NotFoundError("There is no delivery with this id.")
    if not done:
        raise ConflictError(f"The delivery is {found[0].state}; only a pending one is set aside.")
    return found[0]


async def retry_set_aside(session: AsyncSession, reason: str, *, before: datetime, most: int) -> int:
    """Read again what was set aside for this reason before then, the oldest first. Returns how many."""
    return await replay_deliveries(session, await queries.set_aside_ids(session, reason, before, most))
