"""Kafka crashes, is away, is away at the start, and loses its disk."""

import asyncio
import time
from random import Random

from services.topics import create_topics
from shared.services import SERVICES
from tests.faults.catalogue import Fault, Injection
from tests.faults.house import WORKERS, House

# What `leadloop` calls a rebuild: everything of the outbox log is sent again, consumers know what they had.
SEND_AGAIN = """
WITH again AS (
    INSERT INTO outbox_pending (id, created_at) SELECT id, created_at FROM outbox
    ON CONFLICT DO NOTHING RETURNING 1)
SELECT count(*) FROM again
"""


async def _start(house: House) -> None:
    await asyncio.to_thread(house.servers.start, house.servers.kafka)


async def _backlog(house: House) -> float:
    counts = [await house.rows(name, "SELECT count(*) FROM outbox_pending") for name in SERVICES]
    return float(sum(rows[0][0] for rows in counts))


async def kill_broker(house: House, rng: Random) -> Injection:
    """SIGKILL, and up again at once."""
    async with house.holding("kafka"):
        await house.pause(rng.uniform(0, 1))
        house.servers.kill(house.servers.kafka)
        began = time.monotonic()
        await _start(house)
        return Injection({"ready_again_seconds": time.monotonic() - began}, victim="kafka")


async def broker_down(house: House, rng: Random) -> Injection:
    """Away for a while: requests go on being accepted, and events wait."""
    away = rng.uniform(8, 15) if house.short else 60
    async with house.holding("kafka"):
        house.servers.kill(house.servers.kafka)
        await house.pause(away)
        backlog = await _backlog(house)
        await _start(house)
        return Injection({"down_seconds": away, "backlog": backlog}, victim="kafka")


async def broker_down_at_start(house: House, rng: Random) -> Injection:
    """Workers that start while there is no broker."""
    name = rng.choice(WORKERS)
    async with house.holding("kafka", name):
        house.servers.kill(house.servers.kafka)
        house.programs[name].kill()
        await house.pause(rng.uniform(3, 6))
        await _start(house)
        return Injection({"ready_again_seconds": await house.programs[name].ready()}, victim=name)


async def wipe_broker(house: House, rng: Random) -> Injection:
    """The broker's disk is lost with everything on that machine; the outbox logs are sent again.

    The workers come last: a relay that went on would send a key's newest event before its older ones.
    """
    async with house.holding("kafka", *WORKERS):
        await house.pause(rng.uniform(0, 1))
        for name in WORKERS:
            house.programs[name].kill_for_good()
        house.servers.kill(house.servers.kafka)
        house.servers.kafka.wipe()
        house.planted.places.clear()  # went with the disk; the same places will hold other records
        await _start(house)
        await create_topics(house.bootstrap, house.prefix)
        answers = [await house.rows(name, SEND_AGAIN) for name in SERVICES]
        for name in WORKERS:
            house.programs[name].start()
        for name in WORKERS:
            await house.programs[name].ready()
        return Injection({"sent_again": float(sum(rows[0][0] for rows in answers))}, victim="kafka")


FAULTS = (
    Fault("broker killed", 5, kill_broker, slow=True),
    Fault("broker down", 2, broker_down, slow=True),
    Fault("broker down at start", 2, broker_down_at_start, slow=True),
    Fault("broker wiped, rebuilt from the outbox", 1, wipe_broker, slow=True),
)
