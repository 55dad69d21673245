"""What has had its days, by indexes that hold only what is still there; locked, what nobody else works on.

A delivery is free when none of its submissions waits or is being changed: then nobody can need its body while
it goes. That is asked after its lock is held, in a statement of its own, so that a replay which was faster
is seen. Nobody waits here for anybody: what is taken is left for the next time.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from shared.database.sessions import Driver

WAITS = ("pending",)
REFUSED = ("rejected", "quarantined")
TAKEN = ("created", "merged")
# A body whose lead was refused is kept for longer: it may be replayed.
READ = (
    "deliveries d WHERE d.body IS NOT NULL AND d.state IN ('read', 'repeat', 'notice') AND NOT EXISTS ("
    "SELECT FROM submissions s WHERE s.delivery_id = d.id "
    "AND s.state IN ('pending', 'rejected', 'quarantined'))"
)
UNREADABLE = "deliveries d WHERE d.state = 'unreadable' AND d.body IS NOT NULL"
REFUSED_ROWS = "submissions s WHERE s.captured IS NOT NULL AND s.state IN ('rejected', 'quarantined')"
TAKEN_ROWS = "submissions s WHERE s.captured IS NOT NULL AND s.state IN ('created', 'merged')"
FREE = """
WITH locked AS (
    SELECT id, delivery_id, state FROM submissions WHERE delivery_id = ANY($1::uuid[]) FOR UPDATE SKIP LOCKED
)
SELECT d.id FROM unnest($1::uuid[]) AS d(id)
WHERE NOT EXISTS (
    SELECT FROM submissions s LEFT JOIN locked l ON l.id = s.id
    WHERE s.delivery_id = d.id AND (l.id IS NULL OR l.state = ANY($2::text[]))
)
"""


def _older(rows: str, of: str, columns: str | None = None, *, by: str = "received_at") -> str:
    return (
        f"SELECT {columns or f'{of}.id'} FROM {rows} "
        f"AND {of}.received_at < now() - make_interval(days => $1) ORDER BY {of}.{by} LIMIT $2"
    )


DUE_BODIES = f"{_older(READ, 'd')} FOR UPDATE OF d SKIP LOCKED"
# By their ids, of which there is an index of such alone.
DUE_UNREADABLE = f"{_older(UNREADABLE, 'd', by='id')} FOR UPDATE OF d SKIP LOCKED"
DUE_TAKEN = f"{_older(TAKEN_ROWS, 's')} FOR UPDATE OF s SKIP LOCKED"
DUE_REFUSED = _older(REFUSED_ROWS, "s", "s.id, s.delivery_id")


async def due_bodies(connection: Driver, days: int, most: int) -> list[UUID]:
    """Deliveries that were read so long ago, the oldest first, locked."""
    return await _ids(connection, DUE_BODIES, days, most)


async def due_unreadable(connection: Driver, days: int, most: int) -> list[UUID]:
    """Those nobody could read, locked."""
    return await _ids(connection, DUE_UNREADABLE, days, most)


async def due_taken(connection: Driver, days: int, most: int) -> list[UUID]:
    """Submissions that became leads so long ago, locked."""
    return await _ids(connection, DUE_TAKEN, days, most)


async def due_refused(connection: Driver, days: int, most: int) -> dict[UUID, UUID]:
    """Refused submissions of so long ago, and the delivery of each, locked.

    Deliveries are locked before their submissions, everywhere.
    """
    found = {row[0]: row[1] for row in await connection.fetch(DUE_REFUSED, days, most)}
    locked = await connection.fetch(
        "SELECT id FROM deliveries WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE SKIP LOCKED",
        sorted(set(found.values())),
    )
    mine = {row[0] for row in locked}
    return {submission: delivery for submission, delivery in found.items() if delivery in mine}


async def free(connection: Driver, delivery_ids: Collection[UUID], unless: Sequence[str]) -> list[UUID]:
    """Those of these locked deliveries that have no submission in these states, and none in others' hands."""
    rows = await connection.fetch(FREE, list(delivery_ids), list(unless)) if delivery_ids else ()
    return [row[0] for row in rows]


async def _ids(connection: Driver, sql: str, days: int, most: int) -> list[UUID]:
    return [row[0] for row in await connection.fetch(sql, days, most)]
