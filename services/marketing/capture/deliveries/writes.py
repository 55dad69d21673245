"""The statements of the front door: a batch of deliveries in one round trip, repeats in a second one."""

import asyncio
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from shared.database.sessions import Driver

MOST_BYTES = 512 * 1024  # of bodies in one batch, so that a batch of batches stays a short transaction
TAKE = """
WITH taken AS (
    SELECT id, coalesce(octet_length(body), 0) AS size FROM deliveries
    WHERE state = 'pending' AND ($2::uuid IS NULL OR id = $2)
    ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
), counted AS (
    SELECT id, sum(size) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) - size AS before FROM taken
)
SELECT d.id, d.door, d.source_id, d.body, d.content_type, d.traceparent, d.received_at, now() AS now
FROM counted c JOIN deliveries d ON d.id = c.id WHERE c.before < $3 ORDER BY d.id
"""
SETTLE_DELIVERIES = """
WITH counted AS (
    INSERT INTO tallies (day, door, shard, submissions)
    SELECT d, o, $7, n FROM unnest($4::date[], $5::text[], $6::bigint[]) AS x(d, o, n)
    ON CONFLICT (day, door, shard) DO UPDATE SET submissions = tallies.submissions + excluded.submissions
)
UPDATE deliveries d SET state = x.s, reason = x.r, settled_at = now()
FROM unnest($1::uuid[], $2::text[], $3::text[]) AS x(i, s, r) WHERE d.id = x.i
"""

SHARD = os.getpid() % 16  # processes count in rows of their own
PATIENCE = 5.0  # seconds; then everybody in the batch is told to send again

# One statement, so one round trip and one commit. Only stored rows are counted here: repeats are in REPEAT.
STORE = """
WITH arrived AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::bytea[], $6::text[], $7::text[],
                         $8::text[], $9::text[])
             AS a(id, door, source_id, dedupe_key, body, content_type, sender, user_agent, traceparent)
), stored AS (
    INSERT INTO deliveries
           (id, door, source_id, dedupe_key, body, content_type, sender, user_agent, traceparent)
    SELECT * FROM arrived
    ON CONFLICT (source_id, dedupe_key) WHERE dedupe_key IS NOT NULL DO NOTHING
    RETURNING id, door
), counted AS (
    INSERT INTO tallies (day, door, shard, deliveries)
    SELECT current_date, door, $10, count(*) FROM stored GROUP BY door ORDER BY door
    ON CONFLICT (day, door, shard) DO UPDATE SET deliveries = tallies.deliveries + excluded.deliveries
)
SELECT id FROM stored
"""
REPEAT = """
WITH firsts AS (
    SELECT r.id, r.door, r.source_id, r.sender, r.user_agent, r.traceparent, d.id AS first
    FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[])
         AS r(id, door, source_id, dedupe_key, sender, user_agent, traceparent)
    JOIN deliveries d ON d.source_id = r.source_id AND d.dedupe_key = r.dedupe_key
), kept AS (
    INSERT INTO deliveries
           (id, door, source_id, sender, user_agent, traceparent, state, repeat_of, settled_at)
    SELECT id, door, source_id, sender, user_agent, traceparent, 'repeat', first, now() FROM firsts
), counted AS (
    INSERT INTO tallies (day, door, shard, deliveries)
    SELECT current_date, door, $8, count(*) FROM firsts GROUP BY door ORDER BY door
    ON CONFLICT (day, door, shard) DO UPDATE SET deliveries = tallies.deliveries + excluded.deliveries
)
SELECT id, first FROM firsts
"""
COUNT_REFUSALS = """
INSERT INTO refusals (day, door, reason, count)
SELECT current_date, d, r, n FROM unnest($1::text[], $2::text[], $3::bigint[]) AS x(d, r, n)
ON CONFLICT (day, door, reason) DO UPDATE SET count = refusals.count + excluded.count
"""


@dataclass(slots=True)
class NewDelivery:
    """One request at a door, and the future its sender waits for: the id of its first delivery."""

    id: UUID
    door: str
    source_id: UUID
    body: bytes
    dedupe_key: str | None = None
    content_type: str | None = None
    sender: str | None = None
    user_agent: str | None = None
    traceparent: str | None = None
    stored: "asyncio.Future[UUID]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


async def store(connection: Driver, batch: Sequence[NewDelivery]) -> dict[UUID, UUID]:
    """Write a batch and commit; by each one's id, the id of its first delivery."""
    rows = await connection.fetch(
        STORE,
        [arrived.id for arrived in batch],
        [arrived.door for arrived in batch],
        [arrived.source_id for arrived in batch],
        [arrived.dedupe_key for arrived in batch],
        [arrived.body for arrived in batch],
        [arrived.content_type for arrived in batch],
        [arrived.sender for arrived in batch],
        [arrived.user_agent for arrived in batch],
        [arrived.traceparent for arrived in batch],
        SHARD,
        timeout=PATIENCE,
    )
    firsts: dict[UUID, UUID] = {row[0]: row[0] for row in rows}
    if len(rows) < len(batch):
        repeats = [arrived for arrived in batch if arrived.id not in firsts]
        firsts.update(await _store_repeats(connection, repeats))
    return firsts


async def _store_repeats(connection: Driver, repeats: Sequence[NewDelivery]) -> dict[UUID, UUID]:
    rows = await connection.fetch(
        REPEAT,
        [arrived.id for arrived in repeats],
        [arrived.door for arrived in repeats],
        [arrived.source_id for arrived in repeats],
        [arrived.dedupe_key for arrived in repeats],
        [arrived.sender for arrived in repeats],
        [arrived.user_agent for arrived in repeats],
        [arrived.traceparent for arrived in repeats],
        SHARD,
        timeout=PATIENCE,
    )
    return {row[0]: row[1] for row in rows}


async def count_refusals(connection: Driver, counted: Mapping[tuple[str, str], int]) -> None:
    """Add to how often each door refused, by reason."""
    names = sorted(counted)
    await connection.execute(
        COUNT_REFUSALS,
        [door for door, _ in names],
        [reason for _, reason in names],
        [counted[name] for name in names],
    )


@dataclass(frozen=True, slots=True)
class Raw:
    """A stored delivery as the adapters read it."""

    id: UUID
    door: str
    source_id: UUID
    body: bytes
    content_type: str | None
    traceparent: str | None
    received_at: datetime


async def take_deliveries(
    connection: Driver, *, most: int, only: UUID | None = None
) -> tuple[list[Raw], datetime | None]:
    """The oldest pending deliveries, locked until the commit, and the database's time."""
    rows = await connection.fetch(TAKE, most, only, MOST_BYTES)
    raws = [Raw(r[0], r[1], r[2], r[3] or b"", r[4], r[5], r[6]) for r in rows]
    return raws, (rows[0]["now"] if rows else None)


async def pending_ids(connection: Driver, most: int) -> list[UUID]:
    rows = await connection.fetch(
        "SELECT id FROM deliveries WHERE state = 'pending' ORDER BY id LIMIT $1", most
    )
    return [row[0] for row in rows]


async def deliveries_by_id(connection: Driver, ids: Collection[UUID]) -> dict[UUID, Raw]:
    rows = await connection.fetch(
        "SELECT id, door, source_id, body, content_type, traceparent, received_at FROM deliveries "
        "WHERE id = ANY($1::uuid[])",
        list(ids),
    )
    return {r[0]: Raw(r[0], r[1], r[2], r[3] or b"", r[4], r[5], r[6]) for r in rows}


async def settle_deliveries(
    connection: Driver,
    settled: Sequence[tuple[UUID, str, str | None]],
    submissions: Mapping[tuple[date, str], int],
    shard: int,
) -> None:
    """Write what became of these deliveries: (id, state, reason).

    And how many submissions were made, by the day and door of their delivery.
    """
    days = sorted(submissions)
    await connection.execute(
        SETTLE_DELIVERIES,
        [id_ for id_, _, _ in settled],
        [state for _, state, _ in settled],
        [reason for _, _, reason in settled],
        [day for day, _ in days],
        [door for _, door in days],
        [submissions[key] for key in days],
        shard,
    )
