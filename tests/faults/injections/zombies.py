"""Workers that are taken for dead, are not, and wake up again; and groups that never come to rest."""

from random import Random

from tests.faults.catalogue import Fault, Injection
from tests.faults.house import SESSION_SECONDS, WORKERS, House

LOCK_SECONDS = 10  # the database ends the session of a relay that is silent for so long


async def zombie_consumer(house: House, rng: Random) -> Injection:
    """Frozen for longer than its session: another takes its partitions, and then it wakes up."""
    return await _zombie(house, rng, SESSION_SECONDS + rng.uniform(1, 3))


async def zombie_relay(house: House, rng: Random) -> Injection:
    """Frozen for longer than its lock is kept: another relay takes over, and then it wakes up."""
    return await _zombie(house, rng, LOCK_SECONDS + rng.uniform(1, 4))


async def _zombie(house: House, rng: Random, seconds: float) -> Injection:
    name = rng.choice(WORKERS)
    async with house.holding(name), house.one_more(name):
        program = house.programs[name]
        program.freeze()
        try:
            await house.pause(seconds)
        finally:
            program.thaw()
        await house.pause(rng.uniform(1, 3))  # both at once
        return Injection({"frozen_seconds": seconds}, victim=name)


async def rebalance_storm(house: House, rng: Random) -> Injection:
    """A second member joins and leaves again and again, in order and by SIGKILL."""
    name, rounds = rng.choice(WORKERS), rng.randint(2, 3) if house.short else rng.randint(3, 6)
    async with house.holding(name):
        for _ in range(rounds):
            async with house.one_more(name) as more:
                await house.pause(rng.uniform(0, 1))
                if rng.random() < 0.5:
                    more.kill_for_good()
        return Injection({"members_come_and_gone": float(rounds)}, victim=name)


FAULTS = (
    Fault("zombie consumer", 3, zombie_consumer),
    Fault("zombie relay", 2, zombie_relay),
    Fault("rebalance storm", 2, rebalance_storm),
)
