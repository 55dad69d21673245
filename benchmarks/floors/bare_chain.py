"""The same hops with nothing in them: store, tell Kafka, store elsewhere, tell Kafka again.

`bare_chain:app` is the door; `python -m benchmarks.floors.bare_chain` is the worker behind it. What is
lost between a commit and its message stays lost: that is what outbox and inbox are for.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from fastapi import FastAPI, Request

from shared import clock

FIRST, LAST = "dead.marketing", "dead.handoff"  # any topics of twelve partitions that nobody else reads
TABLE = "CREATE TABLE IF NOT EXISTS stored (id uuid PRIMARY KEY, body bytea)"
INSERT = "INSERT INTO stored SELECT * FROM unnest($1::uuid[], $2::bytea[])"
opened: dict[str, Any] = {}


@asynccontextmanager
async def database_and_producer() -> AsyncIterator[tuple[Any, AIOKafkaProducer]]:
    pool = await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=5, max_size=5)
    await pool.execute(TABLE)
    producer = AIOKafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP"], acks="all", linger_ms=0)
    await producer.start()
    yield pool, producer
    await producer.stop()
    await pool.close()


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    async with database_and_producer() as (pool, producer):
        opened.update(pool=pool, producer=producer)
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/readyz")
async def ready() -> dict[str, str]:
    return {}


@app.post("/v1/forms/{form_key}/submissions", status_code=202)
async def take(request: Request) -> dict[str, str]:
    lead_id, body = clock.new_id(), await request.body()
    await opened["pool"].execute(INSERT, [lead_id], [body])
    headers = [("ce_traceparent", request.headers["traceparent"].encode())]
    await opened["producer"].send(FIRST, body, key=lead_id.bytes, headers=headers)
    return {"submission_id": str(lead_id), "status": "pending"}


async def work() -> None:
    """Until killed."""
    consumer = AIOKafkaConsumer(
        FIRST,
        bootstrap_servers=os.environ["KAFKA_BOOTSTRAP"],
        auto_offset_reset="latest",
        fetch_max_wait_ms=20,
    )
    await consumer.start()
    async with database_and_producer() as (pool, producer):
        await consumer.seek_to_end()
        print("ready", flush=True)
        while True:
            for records in (await consumer.getmany(timeout_ms=200)).values():
                ids = [clock.new_id() for _ in records]
                await pool.execute(INSERT, ids, [record.value for record in records])
                for record in records:
                    await producer.send(LAST, record.value, key=record.key, headers=list(record.headers))


if __name__ == "__main__":
    asyncio.run(work())
