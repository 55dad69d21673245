"""Every SELECT of cards beyond the people and who holds them."""

from collections.abc import Collection
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database.sessions import driver

WROTE = """
SELECT DISTINCT ON (contact_id) contact_id, (captured -> 'answers')::text AS answers
FROM submissions
WHERE contact_id = ANY($1::uuid[]) AND state IN ('created', 'merged') AND captured ? 'answers'
ORDER BY contact_id, received_at DESC, id DESC
"""
OWNERS = "SELECT id, contact_id FROM leads WHERE id = ANY($1::uuid[])"


async def wrote(session: AsyncSession, contact_ids: Collection[UUID]) -> dict[UUID, dict[str, str]]:
    """What each of these people wrote last, by the field they wrote it in, as far as it is kept."""
    rows = await (await driver(session)).fetch(WROTE, list(contact_ids))
    return {row["contact_id"]: orjson.loads(row["answers"]) for row in rows}


async def contacts_of_leads(session: AsyncSession, lead_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Whose each of these leads is."""
    rows = await (await driver(session)).fetch(OWNERS, list(lead_ids))
    return {row["id"]: row["contact_id"] for row in rows}
