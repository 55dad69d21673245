"""A house for one row: both servers fresh, databases migrated, topics made, programs started and stopped."""

import os
import secrets
import sys
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import urlopen

from benchmarks.processes import Child
from deploy.local.servers import Addresses, free_port, running
from deploy.local.servers.ports import HOST
from deploy.local.servers.processes import Program
from deploy.local.stack.environment import Environment, program_environment
from deploy.local.stack.layout import ROOT, Layout
from services import migrate
from services.topics import create_topics
from shared.auth import key_files
from shared.services import SERVICES


@dataclass
class House:
    """Where a row's servers and programs are."""

    home: Path
    addresses: Addresses
    environment: Environment
    profile_into: Path | None
    _programs: ExitStack = field(default_factory=ExitStack)

    @property
    def kafka(self) -> str:
        return self.addresses.kafka_bootstrap

    @property
    def admin_token(self) -> str:
        return self.environment.values["ADMIN_TOKEN"]

    def url(self, service: str) -> str:
        return self.environment.url(service)

    def database(self, service: str) -> str:
        return self.environment.database_url(service)

    def empty_database(self, name: str) -> str:
        """A database with nothing in it, for a floor."""
        return self.addresses.postgres_url_for(name)

    def server_pids(self) -> tuple[int, int]:
        """The processes of PostgreSQL and Kafka, for their processor time."""
        servers = self.addresses.postgres.running, self.addresses.kafka.running
        postgres, kafka = (server.pid if server is not None else 0 for server in servers)
        return postgres, kafka

    async def migrate(self, *services: str) -> None:
        for service in services:
            await migrate.upgrade(self.database(service), service)

    async def make_topics(self) -> None:
        await create_topics(self.kafka)

    def run(
        self,
        name: str,
        module: str,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        ours: bool = False,
    ) -> Child:
        """Start a module as a process of its own; `ours` may be run under the profiler."""
        words: Sequence[str] = [sys.executable, "-m", module, *arguments]
        if ours and self.profile_into is not None:
            report = str(self.profile_into / f"{name}.txt")
            words = [sys.executable, "-m", "benchmarks.profiled", report, module, *arguments]
        surroundings = {**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})}
        program = Program(name, words, self.home / f"{name}.log", environment=surroundings)
        child = Child(program)
        self._programs.callback(child.stop)
        return child

    def start(
        self,
        service: str,
        kind: str,
        *,
        profiled: bool = True,
        more: Mapping[str, str] | None = None,
        module: str = "",
    ) -> Child:
        """A service's API or worker, by its real entry point; returns when it says it is ready.

        `module` is another entry point, for a floor that is the same program but for one thing.
        """
        environment = {**program_environment(Layout(self.home), self.environment, service), **(more or {})}
        started = module or f"services.{service}.{'app' if kind == 'api' else 'worker'}"
        name = f"{service}-{kind}{'-floor' if module else ''}"
        child = self.run(name, started, environment=environment, ours=profiled and not module)
        port = environment["PORT" if kind == "api" else "WORKER_PORT"]
        child.wait_until_ready(lambda: _answers(f"http://{HOST}:{port}/readyz"))
        return child

    def serve(self, name: str, app: str, database_url: str, **more: str) -> tuple[Child, int]:
        """A floor's ASGI app, served by uvicorn with the settings our own services have."""
        port = free_port()
        environment = {"DATABASE_URL": database_url, "KAFKA_BOOTSTRAP": self.kafka, **more}
        child = self.run(name, "benchmarks.floors.serve", app, str(port), environment=environment)
        child.wait_until_ready(lambda: _answers(f"http://{HOST}:{port}/readyz"))
        return child, port

    def stop_programs(self) -> None:
        self._programs.close()


@contextmanager
def open_house(profile_into: Path | None = None, *, kafka: bool = True) -> Iterator[House]:
    """A fresh house in a folder that is thrown away."""
    with (
        TemporaryDirectory(prefix="leadloop-bench-") as folder,
        running(Path(folder), kafka=kafka) as addresses,
    ):
        house = House(Path(folder), addresses, _settle(Path(folder), addresses), profile_into)
        try:
            yield house
        finally:
            house.stop_programs()


def _settle(home: Path, addresses: Addresses) -> Environment:
    """The settings of a stack, as `make up` would write them, with ports that are free right now."""
    layout = Layout(home)
    values: dict[str, str] = {}
    for service in SERVICES:
        values[f"{service.upper()}_PORT"] = port = str(free_port())
        values[f"{service.upper()}_WORKER_PORT"] = str(free_port())
        values[f"{service.upper()}_URL"] = f"http://{HOST}:{port}"
        values[f"{service.upper()}_DATABASE_URL"] = addresses.postgres_url_for(service)
    values["KAFKA_BOOTSTRAP"] = addresses.kafka_bootstrap
    values["TOPIC_PREFIX"] = ""
    values["LOG_LEVEL"] = "WARNING"
    values["SECRETS_KEY"] = urlsafe_b64encode(secrets.token_bytes(32)).decode()
    values |= key_files.make_keys(layout.keys)
    values["ADMIN_TOKEN"] = key_files.admin_token(layout.keys)
    return Environment(values)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
