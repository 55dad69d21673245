"""Injects the planned faults into a house under load, and takes the time until it works again."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import asyncpg

from shared.services import SERVICES
from tests.faults.house import House
from tests.faults.plan import Planned
from tests.faults.samples import Repeats

PATIENCE = 240.0  # seconds a fresh lead may take to come through
ASK_EVERY = 0.1
NOT_NOW = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


@dataclass(slots=True)
class Done:
    """One fault that was injected. Times are by the wall clock, as those of the records in the log are."""

    name: str
    victim: str
    began: float
    ended: float = 0.0
    alone: bool = True  # no other fault was on meanwhile: its figures are its own
    figures: dict[str, float] = field(default_factory=dict)
    failure: str = ""


class Driver:
    """Runs a schedule. What it could not inject, or did not recover from, is a failure of the run."""

    def __init__(self, house: House, lanes: int, *, tell: Callable[[Done], None]) -> None:
        """`lanes`: so many faults at a time."""
        self.done: list[Done] = []
        self._house, self._tell = house, tell
        self._lanes = asyncio.Semaphore(lanes)
        self._slow = asyncio.Lock()
        self._on: set[int] = set()
        self._repeats = Repeats(house)

    async def run(self, schedule: list[Planned]) -> None:
        """All of it, in order; returns when the last one is over."""
        sampling = asyncio.create_task(self._repeats.watch())
        try:
            async with asyncio.TaskGroup() as group:
                for planned in schedule:
                    await self._house.pause(planned.gap)
                    await self._lanes.acquire()
                    group.create_task(self._next(planned))
        finally:
            sampling.cancel()

    async def _next(self, planned: Planned) -> None:
        try:
            if planned.fault.slow:
                async with self._slow:
                    await self._inject(planned)
            else:
                await self._inject(planned)
        finally:
            self._lanes.release()

    async def _inject(self, planned: Planned) -> None:
        done = Done(planned.fault.name, "", time.time())
        self.done.append(done)
        self._on.add(id(done))
        repeated = self._repeats.total
        try:
            injection = await planned.fault.inject(self._house, Random(planned.seed))
            done.victim, done.figures = injection.victim, dict(injection.figures)
            done.figures["recovery_seconds"] = await self._fresh_lead()
        except Exception as error:  # noqa: BLE001 - the run goes on, and fails at its end
            done.failure = f"{type(error).__name__}: {error}"[:300]
        done.ended = time.time()
        done.figures["redelivered"] = self._repeats.total - repeated
        self._on.discard(id(done))
        done.alone = not any(
            other is not done and other.began < done.ended and (other.ended or done.ended) > done.began
            for other in self.done
        )
        self._tell(done)

    async def _fresh_lead(self) -> float:
        """Seconds until a lead sent now is assigned."""
        began = time.monotonic()
        request = await self._house.load.send_probe()
        lead_id: Any = None
        while time.monotonic() - began < PATIENCE:
            try:
                if lead_id is None:
                    found = await self._house.rows(
                        "marketing", "SELECT lead_id FROM submissions WHERE id = $1::uuid", request.answer
                    )
                    lead_id = found[0]["lead_id"] if found else None
                elif await self._house.rows(
                    "handoff", "SELECT 1 FROM assignments WHERE lead_id = $1", lead_id
                ):
                    return round(time.monotonic() - began, 2)
            except NOT_NOW:
                await asyncio.sleep(0.5)
            await asyncio.sleep(ASK_EVERY)
        raise TimeoutError(f"A fresh lead was not assigned within {PATIENCE:.0f} s.")


async def events_so_far(house: House) -> int:
    """Roughly how many events were staged; -1 while a database does not answer."""
    try:
        found = [await house.rows(name, "SELECT last_value FROM outbox_id_seq") for name in SERVICES]
    except NOT_NOW:
        return -1
    return sum(int(rows[0]["last_value"]) for rows in found)
