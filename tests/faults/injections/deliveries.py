"""What a stranger can send to a form's door: bodies of every kind that hurts, twenty at once, under load.

All are answered; what is kept is settled within a time, the guilty ones set aside and none of the others
with them. And a session that ends in the middle of a batch of intake, whoever is guilty of it.
"""

import asyncio
import time
from collections import Counter
from random import Random

from tests.faults.catalogue import Fault, Injection
from tests.faults.client import AWAY, NoAnswerError, NothingSentError
from tests.faults.house import House
from tests.support.poisonous import POISONS, Poison

AT_ONCE = 20
SETTLED_WITHIN = 90.0  # what the load sends is worked off beside it
ROUNDS = 5
AT_WORK = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'marketing-worker' AND xact_start IS NOT NULL
"""
PENDING = "SELECT count(*) FROM deliveries WHERE state = 'pending' AND received_at <= $1"


async def poisonous_deliveries(house: House, rng: Random) -> Injection:
    """Twenty at once, of kinds drawn from all there are; none may hold up the others or end a process."""
    chosen = rng.sample(POISONS, min(AT_ONCE, len(POISONS)))
    async with house.holding("marketing-api", "marketing-worker", "postgres"):
        began = time.monotonic()
        answers = await asyncio.gather(*(_send(house, poison) for poison in chosen))
        answered = time.monotonic() - began
        statuses = Counter(answers)
        if wrong := [
            f"{poison.name}: {status}"
            for poison, status in zip(chosen, answers, strict=True)
            if status >= 500 and status != 503
        ]:
            raise AssertionError(f"answered with an error of ours: {', '.join(wrong)}")
        came_until = (await house.rows("marketing", "SELECT now()"))[0][0]
        began = time.monotonic()
        while left := (await house.rows("marketing", PENDING, came_until))[0][0]:
            if time.monotonic() - began > SETTLED_WITHIN:
                raise TimeoutError(f"{left} deliveries that came with them still wait.")
            await asyncio.sleep(0.2)
    figures = {
        "sent": float(len(chosen)),
        "kept": float(statuses[202]),
        "refused": float(len(chosen) - statuses[202]),
        "answered_seconds": answered,
        "settled_seconds": time.monotonic() - began,
    }
    return Injection(figures, victim="marketing-worker")


async def _send(house: House, poison: Poison) -> int:
    """The status. Insisted on: an outage is another fault's."""
    headers = f"content-type: {poison.content_type}\r\n" if poison.content_type else "content-type:\r\n"
    for _ in range(20):
        try:
            reply = await house.doors["marketing"].ask(
                "POST", house.load.form, poison.body, headers=headers, seconds=60
            )
        except (NothingSentError, NoAnswerError, *AWAY):
            await asyncio.sleep(0.5)
            continue
        if reply.status in (429, 503):
            await asyncio.sleep(0.5)
            continue
        return reply.status
    raise TimeoutError(f"{poison.name} was not answered.")


async def end_intake(house: House, rng: Random) -> Injection:
    """The worker's session is ended in the middle of a batch, several times, while deliveries come."""
    ended = 0
    async with house.holding("marketing-worker", "postgres"):
        for _ in range(ROUNDS):
            sending = asyncio.create_task(house.load.send_batch(rng.randint(60, 160)))
            for _ in range(40):
                found = len(await house.rows("marketing", AT_WORK))
                ended += found
                if found:
                    break
                await asyncio.sleep(0.02)
            await sending
    return Injection({"sessions": float(ended)}, victim="marketing-worker")


FAULTS = (
    Fault("twenty poisonous deliveries at once", 2, poisonous_deliveries, always=True),
    Fault("the intake's session ended in a batch", 2, end_intake, always=True),
)
