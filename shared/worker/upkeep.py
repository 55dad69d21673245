"""What every worker does for its own database: partitions ahead, old rows gone, what waits measured."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.database.sessions import Sessions, driver
from shared.messaging import backlog, outbox_partitions
from shared.messaging.backlog import Queue
from shared.messaging.consumer import Consumer
from shared.observability import metrics
from shared.settings import CommonSettings
from shared.worker import retention
from shared.worker.retention import Kept

UPKEEP_EVERY = 600.0
MEASURE_EVERY = 5.0


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Daily partitions ahead; what has had its days goes in small bites."""

    settings: CommonSettings
    kinds: Sequence[Kept]

    async def keep_up(self, sessions: Sessions) -> int:
        """A timer's work: how much went, while there may be more; 0 at the end, when the rest is measured."""
        async with sessions.begin() as session:
            await outbox_partitions.make_ahead(session)
        gone = await retention.round_of(sessions, self.kinds, self.settings)
        if any(number > retention.BITE // 2 for number in gone.values()):
            return sum(gone.values())
        await retention.measure(sessions, self.kinds, self.settings)
        return 0


@dataclass(slots=True)
class Measure:
    """What waits, for Prometheus and for the details of readiness: the figures of the last look.

    Whoever asks in between gets those, so that no number of askers is a load on the database.
    """

    queues: Sequence[Queue]
    group: str
    consumer: Consumer | None = None
    found: dict[str, Any] = field(default_factory=dict)

    async def look(self, sessions: Sessions) -> int:
        """A timer's work: one statement, by indexes that hold only what waits."""
        async with sessions.begin() as session:
            backlogs = await backlog.read(await driver(session), self.queues)
        for each in backlogs:
            metrics.waiting.labels(each.queue).set(each.number)
            metrics.waiting_oldest.labels(each.queue).set(each.oldest_seconds or 0)
        lag = self.consumer.lag if self.consumer is not None else {}
        for topic, records in lag.items():
            metrics.consumer_lag.labels(self.group, topic).set(records)
        self.found = {
            "waiting": {
                each.queue: {"count": each.number, "oldest_seconds": each.oldest_seconds} for each in backlogs
            },
            "lag": lag,
        }
        return 0
