"""Forms and connections as the doors look them up: remembered for a second, so a busy door asks rarely."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from services.marketing.capture.sources import queries
from services.marketing.capture.sources.rules import ConnectionSettings, FormSettings
from shared.database.sessions import Sessions

REMEMBER = 1.0  # seconds in which a change (a new secret, a closed form) may still go unseen
T = TypeVar("T")


class _Remembered(Generic[T]):
    """Answers by key. Only found ones are kept, so guessed keys fill no memory."""

    def __init__(self, ask: Callable[[str], Awaitable[T | None]]) -> None:
        self._ask = ask
        self._known: dict[str, tuple[float, T]] = {}
        self._asking: dict[str, asyncio.Task[T | None]] = {}

    async def get(self, key: str) -> T | None:
        entry = self._known.get(key)
        if entry is not None and entry[0] > time.monotonic():
            return entry[1]
        task = self._asking.get(key)
        if task is None:
            task = self._asking[key] = asyncio.ensure_future(self._find(key))
            task.add_done_callback(lambda _: self._asking.pop(key, None))
        # A caller that goes away must not take the answer from the others.
        return await asyncio.shield(task)

    async def _find(self, key: str) -> T | None:
        found = await self._ask(key)
        if found is None:
            self._known.pop(key, None)
        else:
            self._known[key] = (time.monotonic() + REMEMBER, found)
        return found


class KnownSources:
    """What the doors of one process know. Raises what the database raises when it has to be asked."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._forms = _Remembered[FormSettings](self._form)
        self._connections = _Remembered[ConnectionSettings](self._connection)

    async def form(self, key: str) -> FormSettings | None:
        return await self._forms.get(key)

    async def connection(self, kind: str, key: str) -> ConnectionSettings | None:
        found = await self._connections.get(key)
        return found if found is not None and found.kind == kind else None

    async def _form(self, key: str) -> FormSettings | None:
        async with self._sessions() as session:
            return await queries.open_form(session, key)

    async def _connection(self, key: str) -> ConnectionSettings | None:
        async with self._sessions() as session:
            return await queries.open_connection(session, key)
