"""PostgreSQL ends a session, crashes, and freezes with its sockets open."""

import asyncio
import signal
import time
from random import Random

from shared.services import SERVICES
from tests.faults.catalogue import Fault, Injection
from tests.faults.house import House

# A few of the sessions that are at work, so that transactions are hit and not idle pools.
END_SOME = """
SELECT pg_terminate_backend(pid) FROM (
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE $1
    ORDER BY state = 'idle', pid LIMIT $2) AS chosen
"""


async def end_sessions(house: House, rng: Random) -> Injection:
    """Some sessions of one service end in the middle of what they do."""
    service, program, most = rng.choice(tuple(SERVICES)), rng.choice(("api", "worker")), rng.randint(1, 8)
    async with house.holding("postgres"):
        await house.pause(rng.uniform(0, 1))
        ended = await house.rows(service, END_SOME, f"{service}-{program}%", most)
        return Injection({"sessions": float(len(ended))}, victim=f"{service}-{program}")


async def kill_postmaster(house: House, rng: Random) -> Injection:
    """SIGKILL to the postmaster; recovery from the write-ahead log at the start."""
    async with house.holding("postgres"):
        await house.pause(rng.uniform(0, 1))
        postgres = house.servers.postgres
        children = house.servers.pids_of(postgres)[1:]
        house.servers.kill(postgres)
        began = time.monotonic()
        await asyncio.to_thread(house.servers.wait_for_end, children)
        await asyncio.to_thread(house.servers.start, postgres)
        return Injection({"ready_again_seconds": time.monotonic() - began}, victim="postgres")


async def freeze(house: House, rng: Random) -> Injection:
    """Every process of it stands still: connections stay open and nobody answers."""
    seconds = rng.uniform(5, 10) if house.short else 20
    async with house.holding("postgres"):
        house.servers.signal_all(house.servers.postgres, signal.SIGSTOP)
        try:
            await house.pause(seconds)
        finally:
            house.servers.signal_all(house.servers.postgres, signal.SIGCONT)
        return Injection({"frozen_seconds": seconds}, victim="postgres")


FAULTS = (
    Fault("PostgreSQL sessions ended", 6, end_sessions),
    Fault("postmaster killed", 3, kill_postmaster, slow=True),
    Fault("PostgreSQL frozen", 1, freeze, slow=True),
)
