"""The relay by itself: `python -m benchmarks.subjects.relay EVENTS`, with DATABASE_URL and KAFKA_BOOTSTRAP.

Prints how long it took from its start until Kafka had acknowledged that many events, as JSON; and how fast
the first tenth of them went, and the last.
"""

import asyncio
import json
import os
import sys
import time

from benchmarks.processes import peak_megabytes
from shared.messaging.relay import Relay
from shared.observability.metrics import relay_sent


async def drain(events: int) -> dict[str, float]:
    relay = Relay(os.environ["DATABASE_URL"], os.environ["KAFKA_BOOTSTRAP"], name="bench")
    stopping = asyncio.Event()
    began, used = time.perf_counter(), time.process_time()
    running = asyncio.create_task(relay.run(stopping))
    passed: dict[int, float] = {}  # tenths of the events, and when so many had gone
    while (sent := next(iter(relay_sent.collect())).samples[0].value) < events:
        passed.setdefault(int(sent * 10 // events), time.perf_counter())
        await asyncio.sleep(0.005)
    ended = time.perf_counter()
    took = {
        "seconds": ended - began,
        "cpu_seconds": time.process_time() - used,
        "first_tenth": events / 10 / (passed.get(1, ended) - began),
        "last_tenth": events / 10 / (ended - passed.get(9, began)),
        "peak_megabytes": peak_megabytes(),
    }
    stopping.set()
    relay.wakeup.ring()
    await running
    return took


def main() -> None:
    print(json.dumps(asyncio.run(drain(int(sys.argv[1])))))


if __name__ == "__main__":
    main()
