"""The statements of the front door: a batch of deliveries in one round trip, repeats in a second one."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from shared.database.sessions import Driver

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
class Arrived:
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


async def store(connection: Driver, batch: Sequence[Arrived]) -> dict[UUID, UUID]:
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


async def _store_repeats(connection: Driver, repeats: Sequence[Arrived]) -> dict[UUID, UUID]:
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
