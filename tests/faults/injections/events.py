"""What can be wrong with the log: repeats, replays, keys in another order."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from random import Random
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import CommitFailedError

from shared.messaging import topics
from shared.messaging.subscriptions import Subscriptions
from shared.services import SERVICES
from tests.faults.catalogue import Fault, Injection
from tests.faults.house import House

SOME = 300  # records at the end of a partition that are copied
NOBODY_LEFT_WITHIN = 60.0
LARGE = 1_000_000  # bytes; the broker takes a little more


def listeners() -> dict[str, Subscriptions]:
    """Every service's subscriptions, by service."""
    return {name: import_module(f"services.{name}.subscriptions").subscriptions for name in SERVICES}


@asynccontextmanager
async def producing(house: House) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(bootstrap_servers=house.bootstrap, max_request_size=2 * LARGE, acks="all")
    await producer.start()
    try:
        yield producer
    finally:
        await asyncio.wait_for(producer.stop(), 10)


async def repeat(house: House, rng: Random) -> Injection:
    """The end of a partition once more, up to five times over."""
    times = rng.randint(1, 5)
    return await _copy(house, rng, lambda records: list(records) * times)


async def shuffle(house: House, rng: Random) -> Injection:
    """The end of a partition once more, each key in its order, the keys in another."""

    def mixed(records: Sequence[Any]) -> list[Any]:
        of_key: defaultdict[bytes, list[Any]] = defaultdict(list)
        for record in records:
            of_key[record.key].append(record)
        turns = [record.key for record in records]
        rng.shuffle(turns)
        return [of_key[key].pop(0) for key in turns]

    return await _copy(house, rng, mixed)


async def _copy(house: House, rng: Random, arrange: Callable[[Sequence[Any]], list[Any]]) -> Injection:
    heard = sorted({topic for found in listeners().values() for topic in found.topics})
    places = [
        TopicPartition(house.prefix + topic, number) for topic in heard for number in range(topics.PARTITIONS)
    ]
    async with house.holding("kafka"):
        place, records = await _end_of_one(house, places, rng)
        copies = arrange(records)
        async with producing(house) as producer:
            for record in copies:
                await producer.send(
                    place.topic,
                    record.value,
                    key=record.key,
                    partition=place.partition,
                    headers=list(record.headers),
                )
            await producer.flush()
    return Injection({"copies": float(len(copies))}, victim=place.topic.removeprefix(house.prefix))


async def _end_of_one(
    house: House, places: list[TopicPartition], rng: Random
) -> tuple[TopicPartition, list[Any]]:
    """The last records of one partition, drawn by how much is in it."""
    client = AIOKafkaConsumer(bootstrap_servers=house.bootstrap, auto_offset_reset="earliest")
    await client.start()
    try:
        client.assign(places)
        ends = await client.end_offsets(places)
        [place] = rng.choices(places, [ends[place] for place in places])
        begin = (await client.beginning_offsets([place]))[place]
        client.assign([place])
        client.seek(place, max(ends[place] - SOME, begin))
        found: list[Any] = []
        while await client.position(place) < ends[place]:
            found += (await client.getmany(place, timeout_ms=500)).get(place, [])
        return place, found
    finally:
        await client.stop()


async def replay(house: House, rng: Random) -> Injection:
    """A service reads everything it listens to from offset 0 again."""
    service = rng.choice(tuple(SERVICES))
    name = f"{service}-worker"
    async with house.holding("kafka", name):
        program = house.programs[name]
        await program.stop()
        records = await _forget_offsets(house, service)
        program.start()
        await program.ready()
    return Injection({"records": float(records)}, victim=name)


async def _forget_offsets(house: House, service: str) -> int:
    """Commit 0 everywhere for the service's group; how many records it will read again."""
    places = [
        TopicPartition(house.prefix + topic, number)
        for topic in listeners()[service].topics
        for number in range(topics.PARTITIONS)
    ]
    deadline = time.monotonic() + NOBODY_LEFT_WITHIN
    while True:
        client = AIOKafkaConsumer(
            bootstrap_servers=house.bootstrap, group_id=house.prefix + service, enable_auto_commit=False
        )
        await client.start()
        try:
            client.assign(places)
            ends = await client.end_offsets(places)
            await client.commit(dict.fromkeys(places, 0))
            return sum(ends.values())
        except CommitFailedError:  # a member that could not say goodbye counts until its session ends
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(1)
        finally:
            await client.stop()


FAULTS = (
    Fault("events repeated", 3, repeat),
    Fault("events repeated, keys in another order", 3, shuffle),
    Fault("everything read again from the beginning", 2, replay),
)
