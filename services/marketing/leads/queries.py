"""Every SELECT on leads."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.leads.rules import Standing
from services.marketing.lifecycle import queries as lifecycle
from shared import database

# In the order of ids, so that two batches that share leads take turns instead of deadlocking.
LOCK_LEADS = """
SELECT id, contact_id, cycle, event_version, arrivals, facts, occurred_at
FROM leads WHERE contact_id = ANY($1::uuid[]) ORDER BY id FOR UPDATE
"""


async def lock_standings(session: AsyncSession, contact_ids: Sequence[UUID]) -> dict[UUID, Standing]:
    """The leads of these contacts by contact, locked. A contact without one is not in the answer."""
    connection = await database.driver(session)
    rows = await connection.fetch(LOCK_LEADS, contact_ids)
    if not rows:
        return {}
    # Asked after the lock: a cycle that ended while we waited for it counts as ended.
    stages = await lifecycle.stages(session, [(row["id"], row["cycle"]) for row in rows])
    return {
        row["contact_id"]: Standing(
            lead_id=row["id"],
            contact_id=row["contact_id"],
            cycle=row["cycle"],
            stage=stages[row["id"]],
            event_version=row["event_version"],
            arrivals=row["arrivals"],
            began_at=row["occurred_at"],
            facts=row["facts"],
        )
        for row in rows
    }


async def contacts_of(session: AsyncSession, lead_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The contact of each lead."""
    connection = await database.driver(session)
    rows = await connection.fetch("SELECT id, contact_id FROM leads WHERE id = ANY($1::uuid[])", lead_ids)
    return {row["id"]: row["contact_id"] for row in rows}
