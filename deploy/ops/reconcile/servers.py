"""The servers reconcile reads: connections that can't write, and a plain word for one that is away."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg

from shared.database.addresses import read
from shared.database.failures import NOT_REACHABLE, reason_of
from shared.database.sessions import Driver
from shared.services import SERVICES

if TYPE_CHECKING:  # generic for the checker only
    Pool = asyncpg.Pool[asyncpg.Record]
else:
    Pool = asyncpg.Pool

APPLICATION = "leadloop-reconcile"
# Long reads are what we are here for. Read-only by the server's word, whatever our queries say.
SETTINGS = {
    "default_transaction_read_only": "on",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "lock_timeout": "3s",
    "timezone": "UTC",
    "datestyle": "ISO",
    "work_mem": "64MB",
    "jit": "off",
}
PROBE = "SELECT hashtextextended('leadloop', 1)"


class UnreachableError(RuntimeError):
    """A server could not be looked at; the text names it."""


class Databases:
    """The three databases, open for reading."""

    def __init__(self, pools: Mapping[str, Pool], *, same_hash: bool) -> None:
        self._pools = pools
        self.same_hash = same_hash  # whether all servers hash alike, so that hashes can stand for entries

    @asynccontextmanager
    async def reading(self, service: str) -> AsyncIterator[Driver]:
        """A connection inside one snapshot. Raises UnreachableError."""
        try:
            async with (
                self._pools[service].acquire() as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                yield connection  # type: ignore[misc]  # the pool's proxy, which does the same
        except (*NOT_REACHABLE, TimeoutError) as error:
            raise UnreachableError(_away(service, error)) from error


@asynccontextmanager
async def opened(urls: Mapping[str, str]) -> AsyncIterator[Databases]:
    """Connect to all three. Raises UnreachableError naming the one that does not answer."""
    async with AsyncExitStack() as stack:
        pools: dict[str, Pool] = {}
        hashes: set[int] = set()
        for service in SERVICES:
            try:
                given = read(urls[service]).driver_arguments(APPLICATION, patience=5)
                given["server_settings"] |= SETTINGS
                pool = await asyncpg.create_pool(**given, min_size=1, max_size=4)
            except (*NOT_REACHABLE, TimeoutError, asyncpg.PostgresError) as error:
                raise UnreachableError(_away(service, error)) from error
            stack.push_async_callback(_close, pool)
            pools[service] = pool
            hashes.add(await pool.fetchval(PROBE))
        yield Databases(pools, same_hash=len(hashes) == 1)


async def _close(pool: Pool) -> None:
    try:
        await asyncio.wait_for(pool.close(), 3)
    except (TimeoutError, asyncio.CancelledError):
        pool.terminate()
        raise
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        pool.terminate()


def _away(service: str, error: BaseException) -> str:
    said = reason_of(error) or f"{type(error).__name__}: {error}"
    return f"the database of {service} could not be read ({said})"
