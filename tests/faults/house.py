"""The whole loop for one segment, on servers of our own: three databases, topics, six processes."""

import asyncio
import os
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg

from deploy.local.servers import free_port
from services import migrate
from services.topics import create_topics
from shared.database.failures import NOT_REACHABLE
from shared.services import SERVICES
from tests.faults.client import Door
from tests.faults.servers import Servers
from tests.faults.supervision import Supervised
from tests.support.keys import Keys

if TYPE_CHECKING:
    from tests.faults.load import Load

WORKERS = tuple(f"{service}-worker" for service in SERVICES)
APIS = tuple(f"{service}-api" for service in SERVICES)
PROGRAMS = (*APIS, *WORKERS)
SESSION_SECONDS = 6  # a busy machine heartbeats late: with 4, members were thrown out again and again
ANSWERS_WITHIN = 60.0


@dataclass
class Planted:
    """What a fault put into the log by hand, so that the ledger neither calls it a ghost nor lost.

    `events` are the `ce_id`s of records that no outbox knows; `places` are records without an id of
    their own, as (topic without the prefix, partition, offset). Copies of real events need no entry.
    `parked` are the ids that the services should have parked, and nothing else may be.
    """

    events: set[str] = field(default_factory=set)
    places: set[tuple[str, int, int]] = field(default_factory=set)
    parked: set[str] = field(default_factory=set)


@dataclass
class House:
    """What a fault may reach: `programs`, `servers`, addresses, and the load's clients.

    `overrides` of a program hold settings of it alone (say, KAFKA_BOOTSTRAP by a proxy); they count from
    its next start on: `await house.programs["sales-worker"].restart()`.
    """

    servers: Servers
    keys: Keys
    folder: Path
    prefix: str
    databases: dict[str, str]
    short: bool = True  # whether slow faults take the shorter of their times
    programs: dict[str, Supervised] = field(default_factory=dict)
    homes: dict[str, int] = field(default_factory=dict)  # the port of each service's first API
    doors: dict[str, Door] = field(default_factory=dict)
    planted: Planted = field(default_factory=Planted)
    settings: dict[str, str] = field(default_factory=dict)  # of every process
    stopped_wrong: list[str] = field(default_factory=list)  # what an orderly stop cut off
    _load: "Load | None" = None
    _locks: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    @property
    def bootstrap(self) -> str:
        return self.servers.kafka.bootstrap

    @property
    def load(self) -> "Load":
        assert self._load is not None
        return self._load

    @load.setter
    def load(self, load: "Load") -> None:
        self._load = load

    def environment(self, service: str, port: int) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(Path(__file__).parents[2]),
            **self.keys.environment(service),
            f"{service.upper()}_DATABASE_URL": self.databases[service],
            **{f"{name.upper()}_URL": f"http://127.0.0.1:{self.homes[name]}" for name in SERVICES},
            "KAFKA_BOOTSTRAP": self.bootstrap,
            "TOPIC_PREFIX": self.prefix,
            "PORT": str(port),
            "WORKER_PORT": str(port),
            "STOP_DELAY_SECONDS": "1",
            "LOG_LEVEL": "WARNING",
            # One address plays everybody.
            **dict.fromkeys(("FORM_BURST", "FORM_RATE", "KEY_BURST", "KEY_RATE"), "1000000"),
            "CONSUMER_SESSION_SECONDS": str(SESSION_SECONDS),
            **self.settings,
        }

    def program(self, name: str, port: int | None = None) -> Supervised:
        """A program of this house, not started: `sales-api`, or `sales-api-2` for a second one."""
        service, kind = name.split("-")[:2]
        module = f"services.{service}.{'app' if kind == 'api' else 'worker'}"
        port = port or free_port()
        log = self.folder / f"{name}.log"
        return Supervised(name, module, port, log, lambda: self.environment(service, port))

    @asynccontextmanager
    async def one_more(self, name: str) -> AsyncIterator[Supervised]:
        """A second process of this program, ready, for as long as the block takes."""
        more = self.program(f"{name}-2")
        more.start()
        try:
            await more.ready()
            yield more
        finally:
            await more.stop()

    @asynccontextmanager
    async def holding(self, *names: str) -> AsyncIterator[None]:
        """Have these (programs, `kafka`, `postgres`) to ourselves; asked for in one order by everybody."""
        async with AsyncExitStack() as held:
            for name in sorted(set(names)):
                await held.enter_async_context(self._locks[name])
            yield

    def stop_in_background(self, program: Supervised) -> "asyncio.Task[int]":
        """Ask it to end in order; the task answers its exit code."""
        return asyncio.create_task(program.stop())

    async def pause(self, seconds: float) -> None:
        """Let the load go on for a while. The length was drawn from the seed, never from the clock."""
        await asyncio.sleep(seconds)

    async def rows(self, service: str, sql: str, *values: Any) -> list[asyncpg.Record]:
        """What a service's database holds. Waits while another fault keeps it away."""
        deadline = time.monotonic() + ANSWERS_WITHIN
        while True:
            try:
                connection = await asyncpg.connect(self.databases[service], timeout=10)
                try:
                    return list(await connection.fetch(sql, *values))
                finally:
                    connection.terminate()
            except (
                *NOT_REACHABLE,
                asyncpg.OperatorInterventionError,
                asyncpg.InternalClientError,  # a connection that broke at an awkward moment
            ):
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.2)

    async def stop(self) -> None:
        await asyncio.gather(*(program.stop() for program in self.programs.values()))
        for door in self.doors.values():
            door.close()


@asynccontextmanager
async def open_house(servers: Servers, keys: Keys, folder: Path, *, short: bool) -> AsyncIterator[House]:
    """Databases, topics and six processes that are ready; all ended when the block ends."""
    databases = {
        service: await asyncio.to_thread(servers.postgres.create_service, service, "for-this-run-only")
        for service in SERVICES
    }
    for service, url in databases.items():
        await migrate.upgrade(url, service)
    house = House(servers, keys, folder, "f.", databases, short)
    await create_topics(house.bootstrap, house.prefix)
    house.homes = {service: free_port() for service in SERVICES}
    house.doors = {service: Door(port) for service, port in house.homes.items()}
    try:
        for name in PROGRAMS:
            service, kind = name.split("-")
            house.programs[name] = house.program(name, house.homes[service] if kind == "api" else None)
            house.programs[name].start()
        for program in house.programs.values():
            await program.ready()
        yield house
    finally:
        await house.stop()
