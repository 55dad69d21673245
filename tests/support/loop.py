"""The whole loop as six real processes, with databases and topics of their own."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from deploy.local.servers import free_port
from deploy.local.servers.processes import Program, Running
from services.topics import create_topics
from shared import clock
from shared.messaging import topics
from shared.services import SERVICES
from tests.support import steward
from tests.support.databases import fresh_database
from tests.support.keys import Keys

PROGRAMS = tuple(f"{service}-{kind}" for service in SERVICES for kind in ("api", "worker"))
MODULES = {"api": "app", "worker": "worker"}


@dataclass
class Loop:
    """Addresses and processes of one running loop. `kill` and `start` take names like `sales-worker`."""

    keys: Keys
    folder: Path
    bootstrap: str
    prefix: str
    databases: dict[str, str]
    ports: dict[str, int]
    settings: dict[str, str] = field(default_factory=dict)
    running: dict[str, Running] = field(default_factory=dict)

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{self.ports[f'{service}-api']}"

    def environment(self, service: str) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            **self.keys.environment(service),
            **{
                f"{name.upper()}_DATABASE_URL": url for name, url in self.databases.items() if name == service
            },
            **{f"{name.upper()}_URL": self.url(name) for name in SERVICES},
            "KAFKA_BOOTSTRAP": self.bootstrap,
            "TOPIC_PREFIX": self.prefix,
            "PORT": str(self.ports[f"{service}-api"]),
            "WORKER_PORT": str(self.ports[f"{service}-worker"]),
            "STOP_DELAY_SECONDS": "0",
            # One address plays everybody.
            **dict.fromkeys(("FORM_BURST", "FORM_RATE", "KEY_BURST", "KEY_RATE"), "1000000"),
            **self.settings,
        }

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def start(self, *names: str) -> None:
        for name in names:
            service, kind = name.split("-")
            command = [sys.executable, "-m", f"services.{service}.{MODULES[kind]}"]
            program = Program(name, command, self.log(name), environment=self.environment(service))
            self.running[name] = Running(program)

    def kill(self, name: str) -> None:
        """SIGKILL: nothing is flushed, nothing is said goodbye to."""
        self.running.pop(name).kill()

    def stop(self) -> None:
        for running in self.running.values():
            running.process.terminate()
        for running in self.running.values():
            running.stop(seconds=30)
        self.running.clear()

    async def ready(self, *names: str, seconds: float = 60) -> None:
        """Wait until these programs say they are."""
        async with httpx.AsyncClient(timeout=3) as client:
            for name in names:

                async def says_ready(port: int = self.ports[name], name: str = name) -> bool:
                    if not self.running[name].is_running():
                        pytest.fail(f"{name} ended:\n{self.log(name).read_text()[-3000:]}")
                    try:
                        return (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200
                    except httpx.HTTPError:
                        return False

                await until(says_ready, f"{name} is ready", seconds=seconds)

    async def call(
        self, method: str, service: str, path: str, body: Any = None, *, expect: int | None = None,
        roles: tuple[str, ...] = ("admin",), subject: str = "boss", headers: dict[str, str] | None = None,
    ) -> Any:  # fmt: skip
        """One request by a person with these roles; returns the JSON answer. Fails on another status."""
        async with httpx.AsyncClient(base_url=self.url(service), timeout=10) as client:
            answer = await client.request(
                method, path, json=body, headers=self.keys.as_(*roles, subject=subject) | (headers or {})
            )
        wanted = expect or (201 if method == "POST" else 200)
        assert answer.status_code == wanted or (expect is None and answer.status_code < 300), (
            f"{method} {path}: {answer.status_code} {answer.text}"
        )
        return answer.json() if answer.content else None

    async def rows(self, service: str, sql: str, *values: Any) -> list[dict[str, Any]]:
        """What a service's database holds."""
        import asyncpg  # noqa: PLC0415

        connection = await asyncpg.connect(self.databases[service])
        try:
            return [dict(row) for row in await connection.fetch(sql, *values)]
        finally:
            await connection.close()

    async def quiet(self, *, seconds: float = 60) -> None:
        """Wait until nothing is pending anywhere: no delivery, no event, no lag."""

        async def nothing_waits() -> bool:
            for service in SERVICES:
                if (await self.rows(service, "SELECT count(*) AS n FROM outbox_pending"))[0]["n"]:
                    return False
            pending = await self.rows(
                "marketing",
                "SELECT (SELECT count(*) FROM deliveries WHERE state = 'pending') + "
                "(SELECT count(*) FROM submissions WHERE state = 'pending') AS n",
            )
            groups = [f"{self.prefix}{service}" for service in SERVICES]
            lags = await topics.lags(self.bootstrap, groups)
            return pending[0]["n"] == 0 and lags is not None and not any(lags.values())

        await until(nothing_waits, "everything is quiet", seconds=seconds)
        await until(nothing_waits, "everything is still quiet", seconds=seconds)


async def until(condition: Callable[[], Awaitable[Any]], what: str, *, seconds: float = 30) -> Any:
    """Wait for a condition by looking again and again; returns what it found. Fails with `what`."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        found = await condition()
        if found:
            return found
        if asyncio.get_running_loop().time() > deadline:
            pytest.fail(f"Waited {seconds} s in vain: {what}.")
        await asyncio.sleep(0.05)


@asynccontextmanager
async def running_loop(keys: Keys, folder: Path, **settings: str) -> AsyncIterator[Loop]:
    """Six processes that are ready; stopped at the end, whatever happens."""
    bootstrap = steward.address_of("kafka")
    prefix = f"j{clock.new_id().hex[-10:]}."
    await create_topics(bootstrap, prefix)
    async with AsyncExitStack() as stack:
        databases = {name: await stack.enter_async_context(fresh_database(name)) for name in SERVICES}
        ports = {name: free_port() for name in PROGRAMS}
        loop = Loop(keys, folder, bootstrap, prefix, databases, ports, settings)
        stack.callback(loop.stop)
        loop.start(*PROGRAMS)
        await loop.ready(*PROGRAMS)
        yield loop


def uuid_of(found: dict[str, Any], name: str = "id") -> UUID:
    return UUID(found[name])


def as_json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
