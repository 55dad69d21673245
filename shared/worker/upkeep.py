"""What every worker does for its own database: partitions ahead, old rows gone, what waits measured."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.database import edge_tables
from shared.database.sessions import Sessions, driver
from shared.messaging import backlog, outbox_partitions
from shared.messaging.backlog import Queue
from shared.messaging.consumer import Consumer
from shared.messaging.delivery import HORIZON
from shared.observability import metrics

UPKEEP_EVERY = 600.0
MEASURE_EVERY = 5.0


async def keep_up(sessions: Sessions) -> int:
    """Daily partitions ahead, old ones dropped; ids and answers past their time go in small bites."""
    async with sessions.begin() as session:
        await outbox_partitions.make_ahead(session)
    async with sessions.begin() as session:
        await outbox_partitions.drop_old(session)
    async with sessions.begin() as session:
        connection = await driver(session)
        gone = await connection.execute(
            "DELETE FROM inbox WHERE event_id IN "
            "(SELECT event_id FROM inbox WHERE done_at < now() - $1::interval LIMIT 5000)",
            2 * HORIZON,
        )
        answers = await edge_tables.forget_answers(session)
    return 1 if gone == "DELETE 5000" or answers == edge_tables.BITE else 0


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
