"""Who works on a delivery, and how often that was begun: counted before the work, in a short transaction.

So none is open while a body is read, and a body that kills its reader is known by its count. A claim runs
out by itself; whether somebody took over is told by the row's state, looked at again under its lock.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from services.marketing.capture.deliveries.rules import Raw
from services.marketing.capture.deliveries.tables import CAREFUL, IN_TURN, LAST, SMALL
from shared.database.sessions import Driver

LEASE = timedelta(seconds=10)  # for reading only: the transaction that follows holds the rows
LONG_LEASE = timedelta(seconds=60)  # also for the start of a process that reads
MOST_BYTES = 512 * 1024  # of bodies in one batch, so that a batch of batches stays a short transaction
FEW = 25  # that failed once together are tried together once more, then each alone
MOST_ATTEMPTS = 8
PAUSE = timedelta(seconds=1)  # after the first failure alone; doubled each time
_COLUMNS = (
    "d.id, d.door, d.source_id, d.body, d.content_type, d.traceparent, d.received_at, d.sender, d.mark, "
    "d.attempts"
)
_FRESH = f"""
WITH waiting AS (
    SELECT id, coalesce(octet_length(body), 0) AS size FROM deliveries
    WHERE state = 'pending' AND {{turn}} AND attempts = 0 AND coalesce(octet_length(body), 0) <= {SMALL}
    ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
), counted AS (
    SELECT id, sum(size) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) - size AS before FROM waiting
), claimed AS (
    UPDATE deliveries d SET attempts = 1, taken_until = now() + $2::interval FROM counted c
    WHERE d.id = c.id AND c.before < {MOST_BYTES} RETURNING {_COLUMNS}
)
SELECT * FROM claimed ORDER BY id
"""
_CAREFULLY = f"""
WITH waiting AS (
    SELECT id, attempts = 1 AND coalesce(octet_length(body), 0) <= {SMALL} AS light FROM deliveries
    WHERE {CAREFUL} AND {{turn}} AND (taken_until IS NULL OR taken_until <= now())
    ORDER BY id LIMIT {FEW} FOR UPDATE SKIP LOCKED
), placed AS (
    SELECT id, light, row_number() OVER (ORDER BY id) AS place FROM waiting
), chosen AS (
    SELECT id FROM placed
    WHERE place = 1 OR (light AND (SELECT light FROM placed WHERE place = 1))
), claimed AS (
    UPDATE deliveries d SET attempts = d.attempts + 1, taken_until = now() + $1::interval FROM chosen c
    WHERE d.id = c.id RETURNING {_COLUMNS}
)
SELECT * FROM claimed ORDER BY id
"""
# By whether it is the turn of those of a flood.
FRESH = {False: _FRESH.format(turn=IN_TURN), True: _FRESH.format(turn=LAST)}
CAREFULLY = {False: _CAREFULLY.format(turn=IN_TURN), True: _CAREFULLY.format(turn=LAST)}
LOCK = """
SELECT id, now() AS now FROM deliveries WHERE id = ANY($1::uuid[]) AND state = 'pending'
ORDER BY id FOR UPDATE SKIP LOCKED
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is this worker's for now. `attempts` counts this one."""

    raw: Raw
    attempts: int


async def claim_fresh(connection: Driver, *, most: int, flood: bool = False) -> list[Claimed]:
    """The oldest deliveries nobody began with, of those that are small; of a `flood` when asked."""
    return _claimed(await connection.fetch(FRESH[flood], most, LEASE))


async def claim_carefully(connection: Driver, *, flood: bool = False) -> list[Claimed]:
    """The oldest of those that failed before or are large: one, or a few that failed together only."""
    return _claimed(await connection.fetch(CAREFULLY[flood], LONG_LEASE))


def _claimed(rows: Sequence[asyncpg.Record]) -> list[Claimed]:
    return [Claimed(Raw(r[0], r[1], r[2], r[3] or b"", *r[4:9]), r[9]) for r in map(tuple, rows)]


async def lock(connection: Driver, ids: Collection[UUID]) -> tuple[set[UUID], datetime | None]:
    """Those of these deliveries that still wait, locked until the commit, and the database's time."""
    rows = await connection.fetch(LOCK, list(ids))
    return {row[0] for row in rows}, (rows[0]["now"] if rows else None)


async def let_go(connection: Driver, ids: Collection[UUID], *, after: timedelta = timedelta()) -> None:
    """Somebody may try these again, at once or after a pause."""
    await connection.execute(
        "UPDATE deliveries SET taken_until = now() + $2::interval "
        "WHERE id IN (SELECT id FROM deliveries WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE) "
        "AND state = 'pending'",
        list(ids),
        after,
    )


async def set_aside(connection: Driver, ids: Collection[UUID], reason: str) -> list[UUID]:
    """Nobody tries these any more until somebody asks for it; answers those that were waiting.

    Their keys are free again: should the same come once more, it is tried.
    """
    rows = await connection.fetch(
        "UPDATE deliveries SET state = 'unreadable', reason = $2, settled_at = now(), dedupe_key = NULL "
        "WHERE id = ANY($1::uuid[]) AND state = 'pending' RETURNING id",
        list(ids),
        reason,
    )
    return [row[0] for row in rows]


def pause_after(attempts: int) -> timedelta:
    """How long one that failed alone so often waits."""
    return timedelta(seconds=PAUSE.total_seconds() * 2 ** min(attempts, MOST_ATTEMPTS))
