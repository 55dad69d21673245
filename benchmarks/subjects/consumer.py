"""One service's real consumer by itself: `python -m benchmarks.subjects.consumer SERVICE EVENTS`.

Reads DATABASE_URL and KAFKA_BOOTSTRAP; ends once it has handled that many events, and prints how
long that took from its first batch on. What its handlers stage stays in the outbox: no relay runs.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Sequence
from importlib import import_module

from shared.database.sessions import create_engine, create_sessions
from shared.events.envelope import Envelope
from shared.messaging.cloudevents import Unreadable
from shared.messaging.consumer import Consumer
from shared.messaging.delivery import Delivery, Result
from shared.observability import collector, logs


class Timed(Delivery):
    """The delivery, with a stopwatch."""

    began = used = 0.0
    handled = parked = batches = 0

    async def apply(self, records: Sequence[Envelope | Unreadable], *, one_by_one: bool = False) -> Result:
        if not self.began:
            self.began, self.used = time.perf_counter(), time.process_time()
        result = await super().apply(records, one_by_one=one_by_one)
        self.handled += result.handled
        self.parked += result.parked
        self.batches += 1
        return result

    def found(self) -> dict[str, float]:
        return {
            "seconds": time.perf_counter() - self.began,
            "cpu_seconds": time.process_time() - self.used,
            "batches": self.batches,
            "parked": self.parked,
        }


async def consume(service: str, events: int) -> dict[str, float]:
    subscriptions = import_module(f"services.{service}.subscriptions").subscriptions
    collector.leave_alone_what_is_loaded()  # as the worker does, once it is imported
    engine = create_engine(os.environ["DATABASE_URL"], application="leadloop-bench")
    delivery = Timed(subscriptions, create_sessions(engine))
    stopping = asyncio.Event()
    found: dict[str, float] = {}

    def look() -> None:
        if delivery.handled + delivery.parked >= events and not found:
            found.update(delivery.found())
            stopping.set()

    consumer = Consumer(
        delivery,
        sorted(subscriptions.topics),
        bootstrap=os.environ["KAFKA_BOOTSTRAP"],
        group=subscriptions.group,
        after_batch=look,
    )
    await consumer.run(stopping)
    await engine.dispose()
    return found


def main() -> None:
    service, events = sys.argv[1:]
    logs.configure(service=service, program="bench", level="WARNING")
    print(json.dumps(asyncio.run(consume(service, int(events)))))


if __name__ == "__main__":
    main()
