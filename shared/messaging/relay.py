"""Moves staged events from the outbox to Kafka: oldest first, deleted only once acknowledged.

One relay per database is active, elected by a session advisory lock. Correctness does not
rest on the lock: every relay reads a key's oldest pending rows first, sends them in id order
as one atomic batch per partition, and deletes only what was acknowledged. So the first
occurrences of a key's events in the log are in order and none is missing, whatever crashes;
the lock only keeps duplicates rare.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import asyncpg
from structlog import get_logger

from shared.database.failures import why
from shared.database.notify import Wakeup
from shared.database.sessions import Driver, connect
from shared.messaging.brokers import Where
from shared.messaging.producer import BrokerError, Partition, Producer, Sent, may_pass
from shared.messaging.watchdog import Watchdog
from shared.observability import metrics

LOCK = 0x1EAD_0001  # any number, the same in every process; advisory locks are per database
ROUND = 1000
HEARTBEAT = 3.0
STUCK_AFTER = 60.0  # seconds that events wait
LONELY_FAILURES = 3  # a row that failed this often all by itself is poison
IDLE = 0.1  # seconds

# The pending table is never analysed at the right moment, so its plan is pinned.
PINNED = {
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_bitmapscan": "off",
    # A deletion that a crash undoes sends its events again, and that is allowed; nobody waits for its disk.
    "synchronous_commit": "off",
    # A frozen holder would keep the lock for ever; its session ends instead, and another takes over.
    "idle_session_timeout": "10s",
}

FETCH = """
SELECT o.id, o.created_at, o.event_id, o.topic, o.key, o.type, o.version, o.traceparent, o.data,
       EXISTS (SELECT 1 FROM outbox_parked k
               WHERE k.topic = o.topic AND k.key = o.key AND k.discarded_at IS NULL) AS behind
FROM (SELECT id, created_at FROM outbox_pending ORDER BY id LIMIT $1) p
JOIN outbox o ON o.id = p.id AND o.created_at = p.created_at
ORDER BY o.id
"""
ACKNOWLEDGE = "DELETE FROM outbox_pending WHERE id = ANY($1::bigint[])"
PARK = """
WITH gone AS (
    DELETE FROM outbox_pending p USING outbox o
    WHERE o.id = p.id AND o.created_at = p.created_at AND o.topic = $1 AND o.key = $2 AND p.id >= $3
    RETURNING p.id, p.created_at
)
INSERT INTO outbox_parked (id, created_at, topic, key, error) SELECT id, created_at, $1, $2, $4 FROM gone
"""

# The key's foremost parked row, held: an operator who sends the key again right now goes first or waits.
BLOCKER = """
SELECT id FROM outbox_parked WHERE topic = $1 AND key = $2 AND discarded_at IS NULL
ORDER BY id LIMIT 1 FOR UPDATE
"""

log = get_logger()


class Relay:
    """The relay of one database. `run` returns only when asked to stop."""

    def __init__(self, url: str, bootstrap: Where, *, prefix: str = "", name: str = "leadloop") -> None:
        self.wakeup = Wakeup()
        self._url = url
        self._bootstrap = bootstrap
        self._name = f"{name}-relay"
        self._producer = Producer(bootstrap, prefix=prefix, application=self._name)
        self._connection: Driver | None = None
        self._using = asyncio.Lock()
        self._at_most: Counter[Partition] = Counter()
        self._lonely: Counter[int] = Counter()
        self._emptied = False
        self.progress = Progress()

    async def run(self, stopping: asyncio.Event) -> None:
        """Lead when the lock is free, and begin again after any failure."""
        watchdog = Watchdog(
            "relay", lambda: self.progress.waiting_since, patience=STUCK_AFTER, bootstrap=self._bootstrap
        )
        watchdog.start()
        try:
            while not stopping.is_set():
                try:
                    await self._lead(stopping)
                except (asyncpg.PostgresError, asyncpg.InterfaceError, BrokerError, OSError) as error:
                    log.warning("relay_interrupted", **why(error))
                finally:
                    await self._let_go()
                if not stopping.is_set():
                    await self.wakeup.wait(0.5)
        finally:
            watchdog.stop()

    async def _lead(self, stopping: asyncio.Event) -> None:
        connection = await connect(self._url, application=self._name, **PINNED)
        self._connection = connection
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
            if stopping.is_set():
                return
            await asyncio.sleep(0.5)
        metrics.relay_leading.set(1)
        await self._producer.open()
        heartbeat = asyncio.create_task(self._keep_alive(connection))
        try:
            await self._drain(connection, stopping)
        finally:
            heartbeat.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await heartbeat

    async def _drain(self, connection: Driver, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            done = await self.step(connection)
            # A round that took all there was leaves nothing to look for; whoever stages more rings the bell.
            if not done or self._emptied:
                await self.wakeup.wait(IDLE)

    async def step(self, connection: Driver) -> int:
        """One round: fetch, send, delete what was acknowledged. Returns how many rows left the queue."""
        async with self._using:
            rows = await connection.fetch(FETCH, ROUND)
        self.progress.saw(pending=bool(rows))
        if not rows:
            return 0
        free = [row for row in rows if not row["behind"]]
        moved = await self._queue_behind(connection, [row for row in rows if row["behind"]])
        sent = await self._producer.send(free, at_most=self._at_most)
        if sent.acknowledged:
            async with self._using:
                await connection.execute(ACKNOWLEDGE, sent.acknowledged)
            metrics.relay_sent.inc(len(sent.acknowledged))
            self.progress.moved()
        by_id = {row["id"]: row for row in free}
        for row_id in sent.oversize:
            await self._park(connection, by_id[row_id], "MessageSizeTooLarge")
        await self._settle(connection, sent, by_id)
        done = len(sent.acknowledged) + moved + len(sent.oversize)
        if not done:
            await asyncio.sleep(IDLE)
        self._emptied = done == len(rows) < ROUND
        return done

    async def _settle(self, connection: Driver, sent: Sent, by_id: dict[int, Any]) -> None:
        """After a failure: a new producer, and smaller batches until the row to blame stands alone."""
        for partition in list(self._at_most):
            if partition not in sent.failed and sent.acknowledged:
                self._at_most[partition] *= 2
                if self._at_most[partition] > ROUND:
                    del self._at_most[partition]
        if not sent.failed:
            return
        for partition, error in sent.failed.items():
            metrics.relay_failures.inc()
            log.warning("relay_batch_failed", topic=partition[0], error_type=type(error).__name__)
            first = sent.first_row[partition]
            alone = self._at_most[partition] == 1
            self._at_most[partition] = max((self._at_most[partition] or ROUND) // 4, 1)
            if alone and not may_pass(error):
                self._lonely[first] += 1
                if self._lonely[first] >= LONELY_FAILURES:
                    await self._park(connection, by_id[first], type(error).__name__)
        await self._producer.close()
        await self._producer.open()

    async def _queue_behind(self, connection: Driver, rows: Sequence[Any]) -> int:
        """Move rows whose key is parked behind the row that blocks it, if it still does."""
        keys = {(row["topic"], row["key"]): row["id"] for row in reversed(rows)}
        for (topic, key), first in keys.items():
            async with self._using, connection.transaction():
                if await connection.fetchval(BLOCKER, topic, key) is not None:
                    await connection.execute(PARK, topic, key, first, "behind")
        return len(rows)

    async def _park(self, connection: Driver, row: Any, error: str) -> None:
        async with self._using:
            await connection.execute(PARK, row["topic"], row["key"], row["id"], error)
        self._lonely.pop(row["id"], None)
        metrics.relay_parked.inc()
        log.error(
            "relay_key_parked", topic=row["topic"], key=row["key"], event_id=row["event_id"], reason=error
        )

    async def _keep_alive(self, connection: Driver) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT)
            with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                async with self._using:
                    await connection.execute("SELECT 1")

    async def _let_go(self) -> None:
        metrics.relay_leading.set(0)
        self.progress.saw(pending=False)
        await self._producer.close()
        connection, self._connection = self._connection, None
        if connection is not None and not connection.is_closed():
            try:
                await connection.close(timeout=2)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                connection.terminate()


class Progress:
    """Whether events are waiting, and when the last one left. Written by the loop, read by the watchdog."""

    def __init__(self) -> None:
        self.waiting_since: float | None = None

    def saw(self, *, pending: bool) -> None:
        if not pending:
            self.waiting_since = None
        elif self.waiting_since is None:
            self.waiting_since = time.monotonic()

    def moved(self) -> None:
        self.waiting_since = None
