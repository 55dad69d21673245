"""Every SELECT on touches."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared import database

COUNT = "SELECT contact_id, count(*) FROM touches WHERE contact_id = ANY($1::uuid[]) GROUP BY 1"


async def counts(session: AsyncSession, contact_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How often each contact met us so far."""
    connection = await database.driver(session)
    return {row[0]: row[1] for row in await connection.fetch(COUNT, contact_ids)}
