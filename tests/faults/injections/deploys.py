"""SIGTERM under load, and a rolling restart: no request that was let in may be cut off."""

from random import Random

from tests.faults.catalogue import Fault, Injection
from tests.faults.client import Door
from tests.faults.house import APIS, WORKERS, House
from tests.faults.supervision import Supervised

SETTLE = 0.3  # seconds a balancer takes to stop sending to a process that is not ready any more
EXIT_IN_ORDER = 0


async def roll_api(house: House, rng: Random) -> Injection:
    """A new process first, then the old one ends: clients follow readiness, as a balancer would."""
    name = rng.choice(APIS)
    door = house.doors[name.split("-")[0]]
    async with house.holding(name):
        program = house.programs[name]
        async with house.one_more(name) as more:
            door.ports = [program.port, more.port]
            await house.pause(rng.uniform(0.2, 1))
            await _leave(house, name, door, program, stays=more.port)
            program.start()
            await program.ready()
            door.ports = [program.port, more.port]
            await house.pause(rng.uniform(0.2, 1))
            await _leave(house, name, door, more, stays=program.port)
        return Injection({"stopped": 2.0}, victim=name)


async def _leave(house: House, name: str, door: Door, program: Supervised, *, stays: int) -> None:
    """End a process in order while it answers requests; whatever it cut off is a failure of the run."""
    await program.alive()
    before = door.cut_at[program.port]
    stopping = house.stop_in_background(program)
    await house.pause(SETTLE)
    door.ports = [stays]
    code = await stopping
    cut = door.cut_at[program.port] - before
    if cut or code != EXIT_IN_ORDER:
        house.stopped_wrong.append(f"{name} ended with {code} and cut off {cut} requests")


async def stop_worker(house: House, rng: Random) -> Injection:
    """SIGTERM to a worker: it hands over, and leaves by itself."""
    name = rng.choice(WORKERS)
    async with house.holding(name):
        await house.pause(rng.uniform(0, 1))
        program = house.programs[name]
        await program.alive()
        code = await program.stop()
        program.start()
        if code != EXIT_IN_ORDER:
            house.stopped_wrong.append(f"{name} ended with {code}")
        return Injection({"ready_again_seconds": await program.ready()}, victim=name)


FAULTS = (
    Fault("rolling restart of an API", 4, roll_api),
    Fault("SIGTERM to a worker", 4, stop_worker),
)
