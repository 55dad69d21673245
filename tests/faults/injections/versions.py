"""A rolling deployment: for a while one process speaks the next or the last version of the events."""

from functools import partial
from random import Random

from tests.faults.catalogue import Fault, Injection
from tests.faults.house import PROGRAMS, House

OTHERS = tuple(name for name in PROGRAMS if name != "marketing-api")  # which stages no events


async def speak(version: str, house: House, rng: Random) -> Injection:
    """Restart one process as another version, let it work, and bring it back."""
    name = rng.choice(OTHERS)
    async with house.holding(name):
        program = house.programs[name]
        before = await _staged(house, name)
        await program.stop()
        program.start("tests.faults.speaking", version)
        await program.ready()
        await house.pause(rng.uniform(3, 7))
        after = await _staged(house, name)
        await program.restart()
        ready = await program.ready()
    return Injection({"ready_again_seconds": ready, "events": float(after - before)}, victim=name)


async def _staged(house: House, name: str) -> int:
    rows = await house.rows(name.split("-")[0], "SELECT last_value FROM outbox_id_seq")
    return int(rows[0]["last_value"])


FAULTS = (
    Fault("events of a newer version", 2, partial(speak, "newer")),
    Fault("events of an older version", 2, partial(speak, "older")),
)
