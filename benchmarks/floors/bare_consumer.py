"""Batches from Kafka into one INSERT each, and nothing else: no inbox, no rules, no event of its own.

`python -m benchmarks.floors.bare_consumer TOPIC EVENTS`, with DATABASE_URL and KAFKA_BOOTSTRAP.
"""

import asyncio
import json
import os
import sys
import time

import asyncpg
from aiokafka import AIOKafkaConsumer

TABLE = "CREATE TABLE IF NOT EXISTS received (id uuid PRIMARY KEY, key uuid, data jsonb)"
INSERT = (
    "INSERT INTO received SELECT i, k, convert_from(d, 'UTF8')::jsonb "
    "FROM unnest($1::uuid[], $2::uuid[], $3::bytea[]) AS x(i, k, d)"
)


async def consume(topic: str, events: int) -> dict[str, float]:
    connection = await asyncpg.connect(os.environ["DATABASE_URL"])
    await connection.execute(TABLE)
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=os.environ["KAFKA_BOOTSTRAP"],
        group_id="bare",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=20,
    )
    await consumer.start()
    handled = 0
    began = used = 0.0
    while handled < events:
        for records in (await consumer.getmany(timeout_ms=200, max_records=500)).values():
            if not began:
                began, used = time.perf_counter(), time.process_time()
            ids = [dict(record.headers)["ce_id"].decode() for record in records]
            keys = [record.key.decode() for record in records]
            await connection.execute(INSERT, ids, keys, [record.value for record in records])
            handled += len(records)
    found = {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - used}
    await consumer.commit()
    await consumer.stop()
    await connection.close()
    return found


def main() -> None:
    topic, events = sys.argv[1:]
    print(json.dumps(asyncio.run(consume(topic, int(events)))))


if __name__ == "__main__":
    main()
