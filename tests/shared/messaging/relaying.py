"""A relay and a consumer that run, waiting for what they do, and reading what was sent."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.database.sessions import Sessions
from shared.messaging import topics
from shared.messaging.consumer import Consumer
from shared.messaging.delivery import Delivery
from shared.messaging.relay import Relay
from shared.messaging.subscriptions import Subscriptions
from tests.shared.messaging.testing import scalar

TOPIC = "handoff.assignments"


async def until(condition: Callable[[], object], what: str, *, seconds: float = 30) -> None:
    """Wait for a condition, by looking again and again."""
    for _ in range(int(seconds / 0.05)):
        found = condition()
        if await found if asyncio.iscoroutine(found) else found:
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"{what} did not happen within {seconds} s")


@asynccontextmanager
async def relaying(url: str, bootstrap: str, prefix: str) -> AsyncIterator[Relay]:
    relay, stopping = Relay(url, bootstrap, prefix=prefix), asyncio.Event()
    running = asyncio.create_task(relay.run(stopping))
    yield relay
    stopping.set()
    relay.wakeup.ring()
    await asyncio.wait_for(running, 15)


@asynccontextmanager
async def consuming(
    sessions: Sessions, found: Subscriptions, bootstrap: str, prefix: str
) -> AsyncIterator[Consumer]:
    delivery = Delivery(found, sessions)
    consumer = Consumer(delivery, [TOPIC], bootstrap=bootstrap, group="handoff", prefix=prefix)
    stopping = asyncio.Event()
    running = asyncio.create_task(consumer.run(stopping))
    try:
        yield consumer
    finally:  # a consumer left running would outlive a test that fails, and hang the run
        stopping.set()
        await asyncio.wait_for(running, 15)


async def read_all(
    bootstrap: str, topic: str, *, partitions: int = topics.PARTITIONS
) -> list[tuple[str, int, str]]:
    """(key, version, id) of every record from the beginning, in order per partition."""
    client = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await client.start()
    try:
        assigned = [TopicPartition(topic, number) for number in range(partitions)]
        client.assign(assigned)
        ends = await client.end_offsets(assigned)
        found = []
        for partition in assigned:
            while await client.position(partition) < ends[partition]:
                for record in (await client.getmany(partition, timeout_ms=500)).get(partition, []):
                    headers = dict(record.headers)
                    found.append(
                        (record.key.decode(), int(headers["ce_sequence"]), headers["ce_id"].decode())
                    )
        return found
    finally:
        await client.stop()


async def emptied(sessions: Sessions) -> bool:
    return await scalar(sessions, "SELECT count(*) FROM outbox_pending") == 0
