"""Processes that end without a word."""

from random import Random

from tests.faults.catalogue import Fault, Injection
from tests.faults.house import PROGRAMS, House


async def kill_one(house: House, rng: Random) -> Injection:
    """SIGKILL at a random moment; the supervisor brings it back."""
    name = rng.choice(PROGRAMS)
    async with house.holding(name):
        await house.pause(rng.uniform(0, 1))
        program = house.programs[name]
        program.kill()
        await program.ended(seconds=10)
        return Injection({"ready_again_seconds": await program.ready()}, victim=name)


FAULTS = (Fault("kill -9", 12, kill_one),)
