"""Both servers for the length of a `with` block."""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.servers.kafka import Kafka
from deploy.local.servers.postgres import Postgres


@dataclass
class Addresses:
    """Where the two servers are, and the servers themselves for tests that stop or kill them."""

    postgres: Postgres
    kafka: Kafka
    passwords: dict[str, str] = field(default_factory=dict)

    @property
    def kafka_bootstrap(self) -> str:
        return self.kafka.bootstrap

    @property
    def admin_url(self) -> str:
        return self.postgres.admin_url

    def postgres_url_for(self, role: str, database: str | None = None) -> str:
        """The URL of `role`, who owns the database of the same name; `database` names another one."""
        if role not in self.passwords:
            self.passwords[role] = secrets.token_urlsafe(18)
            self.postgres.create_service(role, self.passwords[role])
        return self.postgres.url(database or role, role, self.passwords[role])


@contextmanager
def running(home: Path, *, postgres: bool = True, kafka: bool = True) -> Iterator[Addresses]:
    """Start the servers wanted below `home`, concurrently, on free ports; stop them at the end.

    `home` is meant to be thrown away; what had to lie elsewhere is removed here.
    """
    addresses = Addresses(Postgres(home), Kafka(home))
    servers = [*([addresses.postgres] if postgres else []), *([addresses.kafka] if kafka else [])]
    try:
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(lambda server: server.start(), servers))
        yield addresses
    finally:
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(lambda server: server.stop(), servers))
        addresses.postgres.data_dirs.remove()
