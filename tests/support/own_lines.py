"""Those who hold a connection of their own beside the pool, running while a test looks at it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from shared.database.notify import Notifier, Wakeup, listen
from shared.messaging.relay import Relay

NAME = "us"  # the relay's own line is called `us-relay`
Way = Callable[[str], contextlib.AbstractAsyncContextManager[None]]


@contextlib.asynccontextmanager
async def notifying(url: str) -> AsyncIterator[None]:
    notifier = Notifier(url, application=NAME)
    task = asyncio.create_task(notifier.run())
    notifier.notify("a_channel")
    yield
    task.cancel()
    await asyncio.wait([task])


@contextlib.asynccontextmanager
async def listening(url: str) -> AsyncIterator[None]:
    task = asyncio.create_task(listen(url, {"a_channel": Wakeup()}, application=NAME))
    yield
    task.cancel()
    await asyncio.wait([task])


@contextlib.asynccontextmanager
async def relaying(url: str) -> AsyncIterator[None]:
    stopping = asyncio.Event()
    # No broker is there: it looks for one again and again, with its own line open in between.
    relay = Relay(url, "127.0.0.1:1", name=NAME)
    task = asyncio.create_task(relay.run(stopping))
    yield
    stopping.set()
    relay.wakeup.ring()
    await asyncio.wait([task])


WAYS: list[Way] = [notifying, listening, relaying]
