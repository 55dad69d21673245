"""What goes of a submission when its days are over: what was told. What became of it stays, and the hash."""

from collections.abc import Collection, Sequence
from uuid import UUID

from shared.database.sessions import Driver

FORGET = """
UPDATE submissions SET captured = NULL, details = NULL, cleared_at = now()
WHERE id = ANY($1::uuid[]) AND captured IS NOT NULL AND state = ANY($2::text[])
RETURNING id
"""
# What the ad platform answered is as raw as the body that announced it.
FORGET_DETAILS = """
UPDATE submissions SET details = NULL
WHERE delivery_id = ANY($1::uuid[]) AND details IS NOT NULL AND state <> 'pending'
"""


async def forget(connection: Driver, ids: Collection[UUID], states: Sequence[str]) -> int:
    """Take away what was understood of these, locked by the caller, if they are in one of these states still.

    How many.
    """
    return len(await connection.fetch(FORGET, list(ids), list(states))) if ids else 0


async def forget_details(connection: Driver, delivery_ids: Collection[UUID]) -> None:
    """Take away what platforms answered about the leads of these deliveries, locked by the caller."""
    if delivery_ids:
        await connection.execute(FORGET_DETAILS, list(delivery_ids))
