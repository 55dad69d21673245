"""Wakes a sleeping loop at once: within the process by an event, across processes by NOTIFY.

NOTIFY takes a global lock at commit, so it is never sent inside a business transaction:
one connection of its own sends it afterwards, many commits folded into one.
"""

import asyncio
import contextlib

import asyncpg
from structlog import get_logger

from shared.database.failures import why
from shared.database.sessions import Driver, connect

OUTBOX_CHANNEL = "leadloop_outbox"
FOLD = 0.005  # seconds in which further commits share one NOTIFY
log = get_logger()


class Wakeup:
    """A bell: `ring` wakes the one who waits, or the next one who comes to wait."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, at_most: float) -> None:
        # Not wait_for: before Python 3.12 it loses a cancellation that comes together with the ring.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(at_most):
                await self._rung.wait()
        self._rung.clear()


class Notifier:
    """Sends NOTIFY for an API process. Losing one is harmless: the listener polls as well."""

    def __init__(self, url: str, *, application: str) -> None:
        self._url = url
        self._application = application
        self._channels: set[str] = set()
        self._bell = Wakeup()

    def notify(self, channel: str) -> None:
        self._channels.add(channel)
        self._bell.ring()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                connection = await connect(self._url, application=self._application)
                try:
                    await self._send_on(connection)
                finally:
                    connection.terminate()
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
                log.warning("notifier_interrupted", **why(error))
                await asyncio.sleep(1)

    async def _send_on(self, connection: Driver) -> None:
        while True:
            await self._bell.wait(60)
            channels, self._channels = self._channels, set()
            for channel in channels:
                await connection.execute("SELECT pg_notify($1, '')", channel)
            if not channels:
                await connection.execute("SELECT 1")
            await asyncio.sleep(FOLD)


async def listen(url: str, bells: dict[str, Wakeup], *, application: str) -> None:
    """Ring a bell for each NOTIFY on its channel, until cancelled; reconnects for ever."""
    while True:
        try:
            connection = await connect(url, application=application)
            lost = asyncio.Event()
            connection.add_termination_listener(lambda _, lost=lost: lost.set())
            try:
                for channel, bell in bells.items():
                    await connection.add_listener(channel, lambda *_, bell=bell: bell.ring())
                while not lost.is_set():
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(lost.wait(), 30)
                    await connection.execute("SELECT 1")
            finally:
                connection.terminate()
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            log.warning("listener_interrupted", **why(error))
        await asyncio.sleep(1)
