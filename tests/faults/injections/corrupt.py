"""Records that are no events, of every kind."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from uuid import UUID, uuid5

import orjson

from shared.messaging.cloudevents import NAMELESS
from shared.services import SERVICES
from tests.faults.catalogue import Fault, Injection
from tests.faults.house import House
from tests.faults.injections.events import LARGE, listeners, producing

PARKED_WITHIN = 150.0  # another fault may keep a worker from it
Header = tuple[str, bytes]


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
            "SELECT event_id, reason FROM parked_events WHERE event_id = ANY($1::uuid[])",
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


FAULTS = (Fault("records that are no events", 3, corrupt),)
