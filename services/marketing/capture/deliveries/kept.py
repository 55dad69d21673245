"""What goes of a delivery when its days are over: the body. That it came, and what it was, stays."""

from collections.abc import Collection
from uuid import UUID

from shared.database.sessions import Driver

# The hash of the body stays, also of one that is older than the column: a repeat is known by it.
EMPTY = """
UPDATE deliveries SET body_sha256 = coalesce(body_sha256, sha256(body)), body = NULL, user_agent = NULL,
       cleared_at = now()
WHERE id = ANY($1::uuid[]) AND body IS NOT NULL
RETURNING id
"""


async def empty(connection: Driver, ids: Collection[UUID]) -> int:
    """Take the bodies of these away, which the caller has locked, and which wait for nothing. How many."""
    return len(await connection.fetch(EMPTY, list(ids))) if ids else 0
