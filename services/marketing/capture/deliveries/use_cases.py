"""Reading again what could not be read."""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.capture.deliveries import queries
from services.marketing.capture.deliveries.tables import Delivery
from shared.errors import ConflictError, NotFoundError


async def replay_delivery(session: AsyncSession, delivery_id: UUID) -> None:
    """Read an unreadable delivery again. Raises ConflictError in every other state."""
    found = await queries.delivery(session, delivery_id)
    if found is None:
        raise NotFoundError("There is no delivery with this id.")
    if not await replay_deliveries(session, [delivery_id]):
        raise ConflictError(f"The delivery is {found[0].state}; only an unreadable one is replayed.")


async def replay_deliveries(session: AsyncSession, ids: list[UUID]) -> int:
    """Read these again, those of them that are unreadable. Returns how many."""
    result = await session.execute(
        update(Delivery)
        .where(Delivery.id.in_(ids), Delivery.state == "unreadable")
        .values(state="pending", reason=None, settled_at=None)
        .returning(Delivery.id)
    )
    return len(result.all())
