"""Group commit: whatever arrives while one transaction is on its way shares the next one.

One flusher per process. It writes as soon as it is idle, so a lone request waits for nobody, and
each request is answered after the commit that holds its row. Nothing is ever acknowledged from memory.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import structlog
from prometheus_client import Counter as Metric
from prometheus_client import Histogram

from services.marketing.capture.deliveries.disk_guard import DiskGuard
from services.marketing.capture.deliveries.writes import NewDelivery, count_refusals, store
from shared.database.failures import is_transient, why
from shared.database.notify import Notifier, Wakeup
from shared.database.sessions import Driver, connect
from shared.errors import KeyReusedError, UnavailableError, UnparseableError
from shared.observability import telemetry

CHANNEL = "leadloop_intake"
MOST_WAITING = 1000
MOST_WAITING_BYTES = 32 * 1024 * 1024
MOST_ROWS = 256
REUSED = "This Idempotency-Key came with another body before. Use a new key."
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


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """A delivery and what its sender waits for: the id of its first delivery."""

    delivery: NewDelivery
    stored: "asyncio.Future[UUID]"


class FrontDoor:
    """Stores deliveries of all doors of one process."""

    def __init__(self, url: str, *, most_gb: float = 0) -> None:
        self._url = url
        self._guard = DiskGuard(most_gb)
        self._notifier = Notifier(url, application="leadloop-front-door-notify")
        self._waiting: deque[Waiting] = deque()
        self._waiting_bytes = 0
        self._flushing = False
        self._bell = Wakeup()
        self._connection: Driver | None = None
        self._refusals: Counter[tuple[str, str]] = Counter()

    async def store(self, arrived: NewDelivery) -> UUID:
        """Keep this delivery for good; answers its id, or that of the first one it repeats.

        Returns after the commit. Raises UnavailableError when there is no room or no database, and
        KeyReusedError when it is strict about its key, which came with another body before.
        """
        self._guard.check()
        size = len(arrived.body)
        if len(self._waiting) >= MOST_WAITING or self._waiting_bytes + size > MOST_WAITING_BYTES:
            telemetry.http_refused.labels("front_door_full").inc()
            raise UnavailableError(
                "Too many submissions are waiting to be stored; send it again a little later."
            )
        waiting = Waiting(arrived, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._waiting_bytes += size
        self._bell.ring()
        return await waiting.stored

    def is_full(self) -> bool:
        """Whether the database has no room for more, so that whoever sends hears to wait."""
        return self._guard.is_closed()

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
                    # At the stop only; the hot path stays plain.
                    while self._waiting or self._flushing:  # noqa: ASYNC110
                        await asyncio.sleep(0.01)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self._connection is not None:
                self._connection.terminate()

    async def _run(self) -> None:
        while True:
            await self._look_at_disk()
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(MOST_ROWS, len(self._waiting)))]
                self._waiting_bytes -= sum(len(waiting.delivery.body) for waiting in batch)
                self._flushing = True
                await self._flush(batch)
                self._flushing = False
                await self._look_at_disk()
            await self._count_refusals()
            await self._bell.wait(1)

    async def _flush(self, batch: Sequence[Waiting]) -> None:
        """Store a batch and answer everybody in it; a row that can't be stored fails alone."""
        try:
            stored = await store(await self._connected(), [waiting.delivery for waiting in batch])
        except Exception as error:  # noqa: BLE001 - whatever it is, somebody waits for an answer
            await self._failed(batch, error)
            return
        except asyncio.CancelledError:
            self._fail(batch, UnavailableError("The service is stopping; send it again."))
            raise
        flush_rows.observe(len(batch))
        for waiting in batch:
            first = stored.firsts.get(waiting.delivery.id)
            if waiting.delivery.id in stored.reused:
                self.refuse(waiting.delivery.door, "key_reused")
                self._fail([waiting], KeyReusedError(REUSED))
            elif first is None:
                self._fail([waiting], UnavailableError("It could not be stored; send it again."))
            elif not waiting.stored.done():
                waiting.stored.set_result(first)
        self._notifier.notify(CHANNEL)

    async def _failed(self, batch: Sequence[Waiting], error: Exception) -> None:
        self._guard.note(error)
        if is_transient(error) or self._is_broken(error):
            self._drop_connection()
            log.warning("front_door_closed", **why(error), rows=len(batch))
            self._fail(batch, UnavailableError("The database can't be reached; send it again."))
        elif len(batch) == 1:
            log.error("delivery_refused", door=batch[0].delivery.door, error_type=type(error).__name__)
            self._fail(batch, UnparseableError("The request contains something that can't be stored."))
        else:
            for waiting in batch:
                await self._flush([waiting])

    def _fail(self, batch: Sequence[Waiting], error: Exception) -> None:
        for waiting in batch:
            if not waiting.stored.done():
                waiting.stored.set_exception(error)

    async def _connected(self) -> Driver:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._url, application="leadloop-front-door")
        return self._connection

    def _is_broken(self, error: Exception) -> bool:
        """Whether it was the connection that failed, and not a row. asyncpg says so in more than one way."""
        closed = self._connection is None or self._connection.is_closed()
        return closed or isinstance(error, asyncpg.InternalClientError)

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def _look_at_disk(self) -> None:
        if not self._guard.is_due():
            return
        try:
            await self._guard.look(await self._connected())
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            self._drop_connection()
            log.warning("database_size_not_known", error_type=type(error).__name__)

    async def _count_refusals(self) -> None:
        if not self._refusals:
            return
        counted, self._refusals = self._refusals, Counter()
        try:
            await count_refusals(await self._connected(), counted)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            self._refusals.update(counted)
            self._drop_connection()
            log.warning("refusals_not_counted", error_type=type(error).__name__)
