"""Group commit: whatever arrives while one transaction is on its way shares the next one.

One flusher per process. It writes as soon as it is idle, so a lone request waits for nobody, and
each request is answered after the commit that holds its row. Nothing is ever acknowledged from memory.
"""

import asyncio
import os
from collections import Counter, deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg
import structlog
from prometheus_client import Counter as Metric
from prometheus_client import Histogram

from shared import database, telemetry
from shared.database import Driver
from shared.delivery import is_transient
from shared.errors import UnavailableError, UnparseableError
from shared.wakeup import Notifier, Wakeup

CHANNEL = "leadloop_intake"
MOST_WAITING = 1000
MOST_WAITING_BYTES = 32 * 1024 * 1024
MOST_ROWS = 256
SHARD = os.getpid() % 16
log = structlog.get_logger()

refused = Metric(
    "leadloop_door_refused_total",
    "Requests a door turned away, of which nothing else is kept.",
    ["door", "reason"],
    registry=telemetry.registry,
)
flush_rows = Histogram(
    "leadloop_front_door_rows",
    "Deliveries that shared one commit.",
    buckets=(1, 2, 5, 10, 20, 50, 100, 256),
    registry=telemetry.registry,
)

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


class FrontDoor:
    """Stores deliveries of all doors of one process."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._notifier = Notifier(url, application="leadloop-front-door-notify")
        self._waiting: deque[Arrived] = deque()
        self._waiting_bytes = 0
        self._bell = Wakeup()
        self._connection: Driver | None = None
        self._refusals: Counter[tuple[str, str]] = Counter()

    async def store(self, arrived: Arrived) -> UUID:
        """Keep this delivery for good; answers its id, or that of the first one it repeats.

        Returns after the commit. Raises UnavailableError when there is no room or no database.
        """
        size = len(arrived.body)
        if len(self._waiting) >= MOST_WAITING or self._waiting_bytes + size > MOST_WAITING_BYTES:
            telemetry.http_refused.labels("front_door_full").inc()
            raise UnavailableError(
                "Too many submissions are waiting to be stored; send it again a little later."
            )
        self._waiting.append(arrived)
        self._waiting_bytes += size
        self._bell.ring()
        return await arrived.stored

    def refuse(self, door: str, reason: str) -> None:
        """Count somebody who was turned away. Nothing else about them is kept."""
        refused.labels(door, reason).inc()
        self._refusals[door, reason] += 1

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Run the flusher and the notifier; on leaving, what still waits is stored first."""
        tasks = [asyncio.create_task(self._run()), asyncio.create_task(self._notifier.run())]
        try:
            yield
        finally:
            with suppress(TimeoutError):
                async with asyncio.timeout(5):
                    while self._waiting:  # noqa: ASYNC110 - at the stop only; the hot path stays plain
                        await asyncio.sleep(0.01)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self._connection is not None:
                self._connection.terminate()

    async def _run(self) -> None:
        while True:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(MOST_ROWS, len(self._waiting)))]
                self._waiting_bytes -= sum(len(arrived.body) for arrived in batch)
                await self._flush(batch)
            await self._count_refusals()
            await self._bell.wait(1)

    async def _flush(self, batch: Sequence[Arrived]) -> None:
        """Store a batch and answer everybody in it; a row that can't be stored fails alone."""
        try:
            firsts = await self._write(batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, somebody waits for an answer
            await self._failed(batch, error)
            return
        except asyncio.CancelledError:
            self._fail(batch, UnavailableError("The service is stopping; send it again."))
            raise
        flush_rows.observe(len(batch))
        for arrived in batch:
            first = firsts.get(arrived.id)
            if first is None:
                self._fail([arrived], UnavailableError("It could not be stored; send it again."))
            elif not arrived.stored.done():
                arrived.stored.set_result(first)
        self._notifier.notify(CHANNEL)

    async def _failed(self, batch: Sequence[Arrived], error: Exception) -> None:
        if is_transient(error):
            self._drop_connection()
            log.warning("front_door_closed", error_type=type(error).__name__, rows=len(batch))
            self._fail(batch, UnavailableError("The database can't be reached; send it again."))
        elif len(batch) == 1:
            log.error("delivery_refused", door=batch[0].door, error_type=type(error).__name__)
            self._fail(batch, UnparseableError("The request contains something that can't be stored."))
        else:
            for arrived in batch:
                await self._flush([arrived])

    def _fail(self, batch: Sequence[Arrived], error: Exception) -> None:
        for arrived in batch:
            if not arrived.stored.done():
                arrived.stored.set_exception(error)

    async def _write(self, batch: Sequence[Arrived]) -> dict[UUID, UUID]:
        connection = await self._connected()
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
        )
        firsts: dict[UUID, UUID] = {row[0]: row[0] for row in rows}
        repeats = [arrived for arrived in batch if arrived.id not in firsts] if len(rows) < len(batch) else []
        if repeats:
            firsts.update(await self._write_repeats(connection, repeats))
        return firsts

    async def _write_repeats(self, connection: Driver, repeats: Sequence[Arrived]) -> dict[UUID, UUID]:
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
        )
        return {row[0]: row[1] for row in rows}

    async def _connected(self) -> Driver:
        if self._connection is None or self._connection.is_closed():
            self._connection = await database.connect(self._url, application="leadloop-front-door")
        return self._connection

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def _count_refusals(self) -> None:
        if not self._refusals:
            return
        counted, self._refusals = self._refusals, Counter()
        names = sorted(counted)
        try:
            connection = await self._connected()
            await connection.execute(
                COUNT_REFUSALS,
                [door for door, _ in names],
                [reason for _, reason in names],
                [counted[name] for name in names],
            )
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            self._refusals.update(counted)
            self._drop_connection()
            log.warning("refusals_not_counted", error_type=type(error).__name__)
