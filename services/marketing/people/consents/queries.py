"""Every SELECT on consents."""

from uuid import UUID

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database.sessions import driver

LATEST = """
SELECT DISTINCT ON (purpose) purpose, state, source, source_id, submission_id, text_version, at
FROM consents WHERE contact_id = $1
ORDER BY purpose, at DESC, recorded_at DESC, submission_id DESC
"""


async def latest(session: AsyncSession, contact_id: UUID) -> list[asyncpg.Record]:
    """What holds for a person: the latest word on each purpose that they were asked about."""
    return await (await driver(session)).fetch(LATEST, contact_id)
