"""Events from memory to Kafka with aiokafka's explicit batches: what a relay could do without a database.

`python -m benchmarks.floors.send_batch EVENTS`, with KAFKA_BOOTSTRAP; prints how long it took as JSON.
"""

import asyncio
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import murmur2

from benchmarks.samples import lead_qualified, outbox_row
from shared import clock
from shared.messaging import cloudevents

ROUND = 1000
TOPIC = "dead.marketing"  # any topic of twelve partitions that no other row reads
Row = tuple[int, bytes, bytes, cloudevents.Headers]


async def send_all(rows: Sequence[Row]) -> dict[str, float]:
    producer = AIOKafkaProducer(
        bootstrap_servers=os.environ["KAFKA_BOOTSTRAP"],
        enable_idempotence=True,
        acks="all",
        max_batch_size=900_000,
        linger_ms=0,
    )
    await producer.start()
    began, used = time.perf_counter(), time.process_time()
    for first in range(0, len(rows), ROUND):
        batches: dict[int, Any] = defaultdict(producer.create_batch)
        for partition, key, value, headers in rows[first : first + ROUND]:
            batches[partition].append(key=key, value=value, timestamp=None, headers=headers)
        waiting = []
        for partition, batch in batches.items():
            batch.close()
            waiting.append(await producer.send_batch(batch, TOPIC, partition=partition))
        await asyncio.gather(*waiting)
    took = {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - used}
    await producer.stop()
    return took


def rows_of(events: int) -> list[Row]:
    moment = clock.now()
    rows = []
    for number in range(events):
        event = lead_qualified(number)
        key = event.key.encode()
        partition = (murmur2(key) & 0x7FFFFFFF) % 12
        rows.append((partition, key, event.data(), cloudevents.headers_of(outbox_row(event, moment))))
    return rows


def main() -> None:
    print(json.dumps(asyncio.run(send_all(rows_of(int(sys.argv[1]))))))


if __name__ == "__main__":
    main()
