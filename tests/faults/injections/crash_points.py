"""Processes that end at the worst moment there is, by name."""

from functools import partial
from random import Random

from tests.faults.catalogue import Fault, Injection
from tests.faults.house import APIS, WORKERS, House

REACH_WITHIN = 300.0  # others may keep everybody from coming this far: no broker, no event
OF_MARKETING = ("marketing-worker",)


async def crash(point: str, victims: tuple[str, ...], house: House, rng: Random) -> Injection:
    """Start a process that ends itself at this point, wait until it has, and see it come back."""
    name, nth = rng.choice(victims), rng.randint(1, 4)
    async with house.holding(name):
        program = house.programs[name]
        program.kill_for_good()
        program.start("tests.faults.crashing", point, str(nth))
        if not await program.ended(seconds=REACH_WITHIN):
            await program.restart()
            await program.ready()
            raise TimeoutError(f"{name} did not come to {point} within {REACH_WITHIN:.0f} s.")
        return Injection({"ready_again_seconds": await program.ready()}, victim=name)


FAULTS = (
    Fault("crash: fetched, not sent", 4, partial(crash, "relay.fetched", WORKERS)),
    Fault("crash: sent, not deleted", 4, partial(crash, "relay.sent", WORKERS)),
    Fault("crash: in the consumer's transaction", 4, partial(crash, "consumer.in_transaction", WORKERS)),
    Fault("crash: committed, Kafka not told", 4, partial(crash, "consumer.committed", WORKERS)),
    Fault("crash: in the intake's transaction", 3, partial(crash, "intake.in_transaction", OF_MARKETING)),
    Fault("crash: form stored, not answered", 3, partial(crash, "door.committed", ("marketing-api",))),
    Fault("crash: done, not answered", 4, partial(crash, "route.committed", APIS[1:])),
)
