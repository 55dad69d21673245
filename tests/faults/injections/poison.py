"""A partition with nothing but poison: the guard stops it instead of parking it all, and the others flow.

On a topic, a group and a database of its own: in the house it would stop a partition for good.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from uuid import UUID

from aiokafka import AIOKafkaProducer
from aiokafka.admin import NewTopic
from sqlalchemy import text
from structlog.testing import capture_logs

from services import migrate
from shared import clock
from shared.database.sessions import Sessions, create_engine, create_sessions
from shared.messaging import topics
from shared.messaging.cloudevents import headers_of
from shared.messaging.consumer import Consumer
from shared.messaging.delivery import GUARD_LIMIT, Delivery
from tests.faults.catalogue import Fault, Injection
from tests.faults.house import House
from tests.shared.messaging.testing import declined, prepare, seen, subscriptions

POISON, GOOD = 200, 50
WITHIN = 90.0
TOPIC = declined(1).topic


async def all_poison(house: House, rng: Random) -> Injection:
    """Two hundred records that are no events in one partition, fifty good ones in another."""
    name = f"poison{rng.getrandbits(32):08x}"
    async with house.holding("kafka", "postgres"), _database(house, name) as sessions:
        async with topics.admin(house.bootstrap) as admin:
            await admin.create_topics([NewTopic(f"{name}.{TOPIC}", 2, 1)])
        await _fill(house, f"{name}.{TOPIC}", rng)
        consumer = Consumer(
            Delivery(subscriptions(), sessions), [TOPIC], bootstrap=house.bootstrap, group="handoff",
            prefix=f"{name}.",
        )  # fmt: skip
        stopping = asyncio.Event()
        began = time.monotonic()
        with capture_logs():  # it is meant to complain
            running = asyncio.create_task(consumer.run(stopping))
            try:
                while consumer.halted != [f"{name}.{TOPIC}/0"] or len(await seen(sessions)) < GOOD:
                    if time.monotonic() - began > WITHIN or running.done():
                        raise TimeoutError(f"halted {consumer.halted}, {len(await seen(sessions))} handled")
                    await asyncio.sleep(0.1)
            finally:
                stopping.set()
                await asyncio.wait_for(running, 15)
        parked = await _parked(sessions)
        async with topics.admin(house.bootstrap) as admin:
            await admin.delete_topics([f"{name}.{TOPIC}"])
    if parked > GUARD_LIMIT:
        raise AssertionError(f"{parked} events were parked; the guard allows {GUARD_LIMIT}")
    figures = {"all_seconds": time.monotonic() - began, "parked": float(parked), "flowed": float(GOOD)}
    return Injection(figures, victim="a consumer of its own")


@asynccontextmanager
async def _database(house: House, name: str) -> AsyncIterator[Sessions]:
    postgres = house.servers.postgres
    url = await asyncio.to_thread(postgres.create_service, name, "for-this-run-only")
    async with house.holding("migrations"):
        await migrate.upgrade(url, "handoff")
    engine = create_engine(url, application="faults-poison")
    try:
        sessions = create_sessions(engine)
        await prepare(sessions)
        yield sessions
    finally:
        await engine.dispose()
        await asyncio.to_thread(postgres.run_sql, f"DROP DATABASE {name} WITH (FORCE);")


async def _fill(house: House, topic: str, rng: Random) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=house.bootstrap)
    await producer.start()
    for number in range(POISON):
        await producer.send(topic, rng.randbytes(40), key=b"poison-%d" % number, partition=0)
    for number in range(GOOD):
        event = declined(number)
        row = {
            "type": event.type,
            "event_id": UUID(int=rng.getrandbits(128), version=4),
            "created_at": clock.now(),
            "key": event.key,
            "version": 1,
            "traceparent": None,
        }
        await producer.send(topic, event.data(), key=event.key.encode(), headers=headers_of(row), partition=1)
    await producer.flush()
    await producer.stop()


async def _parked(sessions: Sessions) -> int:
    async with sessions() as session:
        return int(await session.scalar(text("SELECT count(*) FROM parked_events")) or 0)


FAULTS = (Fault("nothing but poison", 1, all_poison, slow=True),)
