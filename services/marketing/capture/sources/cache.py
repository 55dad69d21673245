"""Forms and connections as the doors look them up: remembered for a second, so a busy door asks rarely.

That there is none with a key is remembered, too, and for a little longer: guessed keys cost the database next
to nothing, and those that were once found are found whatever strangers guess meanwhile.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from fastapi import BackgroundTasks

from services.marketing.capture.sources import queries
from services.marketing.capture.sources.rules import ConnectionSettings, FormSettings
from shared.database.sessions import Sessions

REMEMBER = 1.0  # seconds in which a change (a new secret, a closed form) may still go unseen
REMEMBER_NONE = 3.0  # seconds in which one that was opened again in another process may
MOST_UNKNOWN = 4096
LONGEST_KEY = 60
EVERY = "*"  # stands for all keys together
STRANGERS = 2  # keys never found before that are asked for at once: the pool is for the others
T = TypeVar("T")


class _Remembered(Generic[T]):
    """Answers by key. Of those without one only so many are kept, the latest."""

    def __init__(self, ask: Callable[[str], Awaitable[T | None]]) -> None:
        self._ask = ask
        self._known: dict[str, tuple[float, T]] = {}
        self._unknown: dict[str, float] = {}
        self._asking: dict[str, asyncio.Task[T | None]] = {}
        self._strangers = asyncio.Semaphore(STRANGERS)

    def knows(self, key: str) -> bool:
        """Whether there was one with this key when it was last asked for."""
        return key in self._known

    def forget(self, key: str) -> None:
        """Ask anew for this key: it has just been made, or changed."""
        self._known.pop(key, None)
        self._unknown.pop(key, None)
        self._asking.pop(key, None)

    async def get(self, key: str) -> T | None:
        entry = self._known.get(key)
        if entry is not None and entry[0] > time.monotonic():
            return entry[1]
        if len(key) > LONGEST_KEY or self._unknown.get(key, 0) > time.monotonic():
            return None
        task = self._asking.get(key)
        if task is None:
            task = self._asking[key] = asyncio.ensure_future(self._find(key))
            task.add_done_callback(lambda done: self._asked(key, done))
        # A caller that goes away must not take the answer from the others.
        return await asyncio.shield(task)

    def _asked(self, key: str, task: "asyncio.Task[T | None]") -> None:
        if self._asking.get(key) is task:
            del self._asking[key]

    async def _find(self, key: str) -> T | None:
        if key in self._known:
            found = await self._ask(key)
        else:
            async with self._strangers:
                found = await self._ask(key)
        if self._asking.get(key) is not asyncio.current_task():
            return found  # forgotten meanwhile: what was found may be of before
        if found is None:
            self._known.pop(key, None)
            self._note_unknown(key)
        else:
            self._known[key] = (time.monotonic() + REMEMBER, found)
        return found

    def _note_unknown(self, key: str) -> None:
        self._unknown.pop(key, None)
        if len(self._unknown) >= MOST_UNKNOWN:
            del self._unknown[next(iter(self._unknown))]
        self._unknown[key] = time.monotonic() + REMEMBER_NONE


class KnownSources:
    """What the doors of one process know. Raises what the database raises when it has to be asked."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._forms = _Remembered[FormSettings](self._form)
        self._connections = _Remembered[ConnectionSettings](self._connection)
        self._keys = _Remembered[frozenset[str]](self._all_keys)

    async def form(self, key: str) -> FormSettings | None:
        return await self._forms.get(key)

    async def connection(self, kind: str, key: str) -> ConnectionSettings | None:
        found = await self._connections.get(key)
        return found if found is not None and found.kind == kind else None

    def knows(self, key: str) -> bool:
        """Whether a form or a connection had this key when it was last asked for."""
        return self._forms.knows(key) or self._connections.knows(key)

    async def exists(self, key: str) -> bool:
        """Whether one had this key a moment ago. However many ask, it is one question a second."""
        return self.knows(key) or key in (await self._keys.get(EVERY) or ())

    def forget(self, key: str) -> None:
        """Ask anew for what has this key."""
        self._keys.forget(EVERY)
        self._forms.forget(key)
        self._connections.forget(key)

    def forget_after(self, background: BackgroundTasks, key: str) -> None:
        """The same when a request has been answered, and so was committed."""

        async def now() -> None:
            self.forget(key)

        background.add_task(now)

    async def _all_keys(self, _: str) -> frozenset[str]:
        async with self._sessions() as session:
            return await queries.open_keys(session)

    async def _form(self, key: str) -> FormSettings | None:
        async with self._sessions() as session:
            return await queries.open_form(session, key)

    async def _connection(self, key: str) -> ConnectionSettings | None:
        async with self._sessions() as session:
            return await queries.open_connection(session, key)
