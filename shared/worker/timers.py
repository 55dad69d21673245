"""Work that is looked for again and again."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from structlog import get_logger

from shared.database.notify import Wakeup
from shared.database.sessions import Sessions
from shared.messaging.pacing import Pace
from shared.observability import metrics

log = get_logger()


@dataclass(frozen=True, slots=True)
class Timer:
    """Work that is looked for again and again: `work` returns how many items it did.

    It is called again at its pace while it finds something, else after `every` seconds or when its
    wake-up channel is notified. It opens its own transactions; what it raises is logged and
    tried again, with a growing pause.
    """

    name: str
    work: Callable[[Sessions], Awaitable[int]]
    every: float = 1.0
    wake_channel: str | None = None


async def tick(timer: Timer, sessions: Sessions, bell: Wakeup | None, stopping: asyncio.Event) -> None:
    bell = bell or Wakeup()
    stop = asyncio.create_task(_ring_at_stop(bell, stopping))
    failures = done = 0
    pace = Pace()
    while not stopping.is_set():
        await pace.next_round(of=done)
        try:
            done = await timer.work(sessions)
        except Exception as error:
            failures += 1
            metrics.timer_failures.labels(timer.name).inc()
            log.warning("timer_failed", timer=timer.name, attempt=failures, exc_info=error)
            await bell.wait(min(0.2 * 2**failures, 10))
            continue
        failures = 0
        metrics.timer_items.labels(timer.name).inc(done)
        if not done:
            await bell.wait(timer.every)
    stop.cancel()


async def _ring_at_stop(bell: Wakeup, stopping: asyncio.Event) -> None:
    await stopping.wait()
    bell.ring()
