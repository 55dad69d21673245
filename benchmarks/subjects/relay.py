"""The relay by itself: `python -m benchmarks.subjects.relay EVENTS`, with DATABASE_URL and KAFKA_BOOTSTRAP.

Prints how long it took from its start until Kafka had acknowledged that many events, as JSON.
"""

import asyncio
import json
import os
import sys
import time

from shared.relay import Relay, sent_total


async def drain(events: int) -> dict[str, float]:
    relay = Relay(os.environ["DATABASE_URL"], os.environ["KAFKA_BOOTSTRAP"], name="bench")
    stopping = asyncio.Event()
    began, used = time.perf_counter(), time.process_time()
    running = asyncio.create_task(relay.run(stopping))
    while next(iter(sent_total.collect())).samples[0].value < events:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.005)
    took = {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - used}
    stopping.set()
    relay.wakeup.ring()
    await running
    return took


def main() -> None:
    print(json.dumps(asyncio.run(drain(int(sys.argv[1])))))


if __name__ == "__main__":
    main()
