"""What can be wrong with the log: repeats, replays, keys in another order, and records that are no events."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib import import_module
from random import Random
from typing import Any
from uuid import UUID, uuid5

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import CommitFailedError

from shared import topics
from shared.subscriptions import Subscriptions
from shared.wire import NAMELESS
from tests.faults.catalogue import Fault, Injection
from tests.faults.house import House
from tests.support.keys import SERVICES

SOME = 300  # records at the end of a partition that are copied
PARKED_WITHIN = 150.0  # another fault may keep a worker from it
NOBODY_LEFT_WITHIN = 60.0
LARGE = 1_000_000  # bytes; the broker takes a little more
Header = tuple[str, bytes]


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


# Copies of what is there


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
    service = rng.choice(SERVICES)
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


# Records that are no events


@dataclass
class Bad:
    """One record to be planted, and who has to park it."""

    value: bytes | None
    headers: list[Header]
    services: list[str]
    key: bytes
    named: UUID | None  # None: it carries no id of its own
    parked_as: UUID = field(default=NAMELESS)


def bad_records(rng: Random, topic: str) -> Iterator[Bad]:
    """One of each kind. Only who handles the type looks at its data; what is no event is parked by all."""
    found = listeners()
    all_of_topic = [name for name in SERVICES if topic in found[name].topics]
    classes = [cls for name in all_of_topic for cls in found[name].event_classes if cls.topic == topic]
    type_ = rng.choice(sorted({cls.type for cls in classes}))
    handling = [name for name in SERVICES if found[name].event_class(type_) is not None]

    def bad(value: bytes | None, services: list[str], *, without: str = "", **changed: bytes) -> Bad:
        identity = UUID(int=rng.getrandbits(128), version=4)
        headers = {
            "ce_specversion": b"1.0",
            "ce_source": b"/leadloop/faults",
            "ce_type": type_.encode(),
            "ce_id": str(identity).encode(),
            "ce_sequence": b"1",
            "content-type": b"application/json",
            **changed,
        }
        headers.pop(without, None)
        key = f"bad-{rng.getrandbits(64):016x}".encode()
        return Bad(value, list(headers.items()), services, key, identity if "ce_id" in headers else None)

    yield bad(b"\xff\xfe\xfd", handling)  # no UTF-8
    yield bad(b'{"version": 1, ', handling)  # no JSON
    yield bad(b'{"version": "one"}', handling)  # not this event
    yield bad(orjson.dumps({"version": 1, "text": "x" * LARGE}), handling)
    yield bad(b"{}", handling, ce_type=type_.removesuffix(".v1").encode() + b".v99")
    yield bad(None, all_of_topic)
    yield bad(b"{}", all_of_topic, without="ce_id")
    yield bad(b"{}", all_of_topic, ce_source=b"\xff\xfe")


async def corrupt(house: House, rng: Random) -> Injection:
    """Records that are no events, of every kind: each is parked once by whom it concerns, the others flow."""
    topic = rng.choice(sorted({topic for found in listeners().values() for topic in found.topics}))
    began = time.monotonic()
    async with house.holding("kafka"):
        planted = list(bad_records(rng, topic))
        async with producing(house) as producer:
            for bad in planted:
                if bad.named is not None:
                    house.planted.events.add(str(bad.named))
                sent = await producer.send_and_wait(
                    house.prefix + topic, bad.value, key=bad.key, headers=bad.headers
                )
                place = (topic, sent.partition, sent.offset)
                if bad.named is None:
                    house.planted.places.add(place)
                bad.parked_as = bad.named or uuid5(NAMELESS, "/".join(map(str, place)))
                house.planted.parked.add(str(bad.parked_as))
        reasons: defaultdict[str, float] = defaultdict(float)
        for service in SERVICES:
            wanted = {bad.parked_as for bad in planted if service in bad.services}
            for reason in await _parked(house, service, wanted, until=began + PARKED_WITHIN):
                reasons[f"parked_{reason}"] += 1
    return Injection({"all_parked_seconds": time.monotonic() - began, **reasons}, victim=topic)


async def _parked(house: House, service: str, wanted: set[UUID], *, until: float) -> list[str]:
    """Wait until these, and each once, are parked and announced; their reasons."""
    missing = wanted
    while True:
        rows = await house.rows(
            service,
            "SELECT event_id, reason FROM parked_event WHERE event_id = ANY($1::uuid[])",
            list(wanted),
        )
        missing = wanted - {row["event_id"] for row in rows}
        if not missing:
            break
        if time.monotonic() > until:
            raise TimeoutError(f"{service} has not parked {sorted(map(str, missing))}.")
        await asyncio.sleep(0.2)
    told = await house.rows(
        service,
        "SELECT convert_from(data, 'UTF8')::jsonb ->> 'event_id' AS id, count(*) AS n FROM outbox "
        "WHERE topic = $1 GROUP BY 1 HAVING count(*) > 1",
        f"dead.{service}",
    )
    if told:
        raise AssertionError(f"{service} announced one parked event more than once: {told[0]['id']}.")
    return [row["reason"] for row in rows]


FAULTS = (
    Fault("events repeated", 3, repeat),
    Fault("events repeated, keys in another order", 3, shuffle),
    Fault("everything read again from the beginning", 2, replay),
    Fault("records that are no events", 3, corrupt),
)
