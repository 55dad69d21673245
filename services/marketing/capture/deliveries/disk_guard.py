"""Closes the doors before the disk is full: what was accepted has to be worked on, and that needs room, too.

How full the disk of a database server is can't be asked of the server by a role without special rights, so
two honest things are used: how large the database is, held against a setting; and that the server said, when
something was written, that there is no room. The other programs go on meanwhile.
"""

import time
from collections.abc import Callable

import asyncpg
import structlog
from prometheus_client import Gauge

from shared.database.sessions import Driver
from shared.errors import UnavailableError
from shared.observability import telemetry

LOOK_EVERY = 15.0  # seconds
NO_ROOM_FOR = 10.0  # seconds in which nobody tries again after the server had no room
RETRY_AFTER = 60
FULL = "The store for new submissions is full; nothing was stored. Send it again later."
NO_ROOM = (asyncpg.DiskFullError, asyncpg.OutOfMemoryError)
GIB = 1024**3
log = structlog.get_logger()
database_bytes = Gauge(
    "leadloop_database_bytes",
    "Size of the service's database, where a most was set for it.",
    registry=telemetry.registry,
)
doors_closed = Gauge(
    "leadloop_doors_closed",
    "1 while the doors take nothing because the database has no room.",
    registry=telemetry.registry,
)


class DiskGuard:
    """Whether there is room for what comes in. `most_gb` 0: only what the server says counts."""

    def __init__(self, most_gb: float, now: Callable[[], float] = time.monotonic) -> None:
        self._most = most_gb * GIB
        self._now = now
        self._look_at = 0.0
        self._closed_until = 0.0
        self._is_large = False

    def is_closed(self) -> bool:
        return self._is_large or self._closed_until > self._now()

    def check(self) -> None:
        """Raises UnavailableError while there is no room."""
        if self.is_closed():
            telemetry.http_refused.labels("database_full").inc()
            raise UnavailableError(FULL, retry_after=RETRY_AFTER)

    def note(self, error: BaseException) -> None:
        """Something could not be stored: for want of room, nobody else needs to try now."""
        if isinstance(error, NO_ROOM):
            log.error("database_full", error_type=type(error).__name__)
            self._closed_until = self._now() + NO_ROOM_FOR
            self._show()

    def is_due(self) -> bool:
        return self._now() >= self._look_at

    async def look(self, connection: Driver) -> None:
        """Ask how large the database is. One that can't be asked is as it was."""
        self._look_at = self._now() + LOOK_EVERY
        if self._most:
            size = await connection.fetchval("SELECT pg_database_size(current_database())", timeout=5)
            database_bytes.set(size)
            was, self._is_large = self._is_large, size >= self._most
            if self._is_large and not was:
                log.error("database_too_large", size=size, limit=int(self._most))
        self._show()

    def _show(self) -> None:
        doors_closed.set(self.is_closed())
