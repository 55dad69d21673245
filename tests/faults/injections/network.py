"""Bad lines between one process and its database or the broker: every byte of it goes through a proxy."""

import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from random import Random

from sqlalchemy.engine import make_url

from tests.faults.catalogue import Fault, Injection
from tests.faults.house import PROGRAMS, WORKERS, House
from tests.faults.proxy import Proxy

Trouble = Callable[[Proxy, House, Random], Awaitable[None]]
BY_KAFKA = "the way to Kafka by proxy"  # there is one only


async def slow(proxy: Proxy, house: House, rng: Random) -> None:
    """Everything takes longer, by about as much as between continents."""
    delay = rng.uniform(0.02, 0.15)
    proxy.slow(delay, delay * rng.uniform(0, 1))
    await house.pause(rng.uniform(4, 8))


async def sliced(proxy: Proxy, house: House, rng: Random) -> None:
    """Nothing arrives whole."""
    proxy.slice(rng.choice([7, 63, 500]))
    await house.pause(rng.uniform(3, 6))


async def reset(proxy: Proxy, house: House, rng: Random) -> None:
    """All connections are reset, again and again."""
    for _ in range(rng.randint(4, 10)):
        await house.pause(rng.uniform(0.05, 1))
        proxy.reset_all()


async def half_open(proxy: Proxy, house: House, rng: Random) -> None:
    """Bytes vanish and nobody is told; it is noticed by time alone."""
    proxy.silence()
    await house.pause(rng.uniform(3, 8) if house.short else rng.uniform(8, 20))


async def cut(proxy: Proxy, house: House, rng: Random) -> None:
    """Every connection breaks in the middle of what the server says."""
    for _ in range(rng.randint(3, 6)):
        proxy.cut(after=rng.randint(1, 30_000))
        await house.pause(rng.uniform(0.3, 1.5))


async def answer_lost(proxy: Proxy, house: House, rng: Random) -> None:
    """The database did what it was asked, perhaps a commit, and the answer never comes."""
    for _ in range(rng.randint(5, 15)):
        proxy.lose_next_answer()
        await house.pause(rng.uniform(0.02, 0.4))


async def produce_answer_lost(proxy: Proxy, house: House, rng: Random) -> None:
    """Kafka has appended a batch, and the producer can't know."""
    for _ in range(rng.randint(4, 8)):
        proxy.lose_next_produce_answer()
        await house.pause(rng.uniform(0.2, 1))


async def to_postgres(trouble: Trouble, house: House, rng: Random) -> Injection:
    name = rng.choice(PROGRAMS)
    service = name.split("-")[0]
    url = make_url(house.databases[service])
    async with house.holding(name), Proxy(url.port or 0, rng=rng) as proxy:
        through = url.set(port=proxy.port).render_as_string(hide_password=False)
        settings = {f"{service.upper()}_DATABASE_URL": through}
        return await _through(proxy, name, settings, trouble, house, rng)


async def to_kafka(trouble: Trouble, house: House, rng: Random) -> Injection:
    name = rng.choice(WORKERS)
    kafka = house.servers.kafka
    async with (
        house.holding(name, BY_KAFKA),
        Proxy(kafka.port_behind_proxy, port=kafka.proxy_port, rng=rng) as proxy,
    ):
        return await _through(proxy, name, {"KAFKA_BOOTSTRAP": kafka.by_proxy}, trouble, house, rng)


async def _through(
    proxy: Proxy, name: str, settings: Mapping[str, str], trouble: Trouble, house: House, rng: Random
) -> Injection:
    """Lead one process through the proxy, have the trouble, see it well again, and lead it back."""
    program = house.programs[name]
    program.overrides.update(settings)
    try:
        await program.restart()
        await program.ready()
        await trouble(proxy, house, rng)
        proxy.calm()
        began = time.monotonic()
        await program.ready()
        figures = {"ready_again_seconds": time.monotonic() - began}
        await house.pause(rng.uniform(0.5, 1.5))
    finally:
        proxy.calm()
        for setting in settings:
            del program.overrides[setting]
        await program.restart()
    await program.ready()
    counted = {name.replace(" ", "_"): float(count) for name, count in proxy.counts.items()}
    return Injection(figures | counted, victim=name)


FAULTS = (
    Fault("slow line to PostgreSQL", 2, partial(to_postgres, slow)),
    Fault("sliced line to PostgreSQL", 2, partial(to_postgres, sliced)),
    Fault("line to PostgreSQL reset", 3, partial(to_postgres, reset)),
    Fault("half-open line to PostgreSQL", 2, partial(to_postgres, half_open)),
    Fault("line to PostgreSQL cut", 2, partial(to_postgres, cut)),
    Fault("PostgreSQL's answer lost", 4, partial(to_postgres, answer_lost)),
    Fault("slow line to Kafka", 2, partial(to_kafka, slow)),
    Fault("sliced line to Kafka", 2, partial(to_kafka, sliced)),
    Fault("line to Kafka reset", 3, partial(to_kafka, reset)),
    Fault("half-open line to Kafka", 2, partial(to_kafka, half_open)),
    Fault("line to Kafka cut", 2, partial(to_kafka, cut)),
    Fault("produce answer lost", 4, partial(to_kafka, produce_answer_lost)),
)
