"""PostgreSQL and Kafka of one run alone: they get killed, frozen and wiped, so they are nobody else's."""

import shutil
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from deploy.local.servers import Kafka, Postgres, free_port
from deploy.local.servers.ports import HOST

# A second way in: whoever bootstraps at `by_proxy` is told to stay there, so that a proxy sees everything.
MORE_LISTENERS = """
listeners=PLAINTEXT://{host}:{port},PROXIED://{host}:{behind},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{port},PROXIED://{host}:{proxy}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
group.min.session.timeout.ms=1000
"""
START_WITHIN = 180.0


class OurKafka(Kafka):
    """A broker that can also be reached through a proxy: from `proxy_port` to `port_behind_proxy`."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.port_behind_proxy = free_port()
        self.proxy_port = free_port()

    @property
    def by_proxy(self) -> str:
        """What a client puts into KAFKA_BOOTSTRAP to be seen by the proxy. Needs one that listens there."""
        return f"{HOST}:{self.proxy_port}"

    def prepare(self) -> None:
        super().prepare()
        more = MORE_LISTENERS.format(
            host=HOST,
            port=self.port,
            behind=self.port_behind_proxy,
            proxy=self.proxy_port,
            controller=self.controller_port,
        )
        with self._settings.open("a") as settings:
            settings.write(more)

    def wipe(self) -> None:
        """Lose the disk. The broker must not be running."""
        shutil.rmtree(self._folder / "data")


@dataclass
class Servers:
    """Both servers, and what a fault may do to them. Calls block: use `asyncio.to_thread`."""

    postgres: Postgres
    kafka: OurKafka

    def pids_of(self, server: Postgres | Kafka) -> list[int]:
        """The process of a server and all its children."""
        assert server.running is not None
        parent = psutil.Process(server.running.pid)
        return [parent.pid, *(child.pid for child in parent.children(recursive=True))]

    def signal_all(self, server: Postgres | Kafka, number: signal.Signals) -> None:
        for pid in self.pids_of(server):
            try:
                psutil.Process(pid).send_signal(number)
            except psutil.NoSuchProcess:
                continue

    def wait_for_end(self, pids: list[int]) -> None:
        """Wait until none of these is left; whoever is, after half a minute, is killed."""
        found = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
        _, left = psutil.wait_procs(found, timeout=30)
        for process in left:
            process.kill()

    def start(self, server: Postgres | Kafka) -> None:
        """Start it again with what it has on disk, which takes long on a busy machine."""
        server.spawn()
        assert server.running is not None
        server.running.wait_until_ready(server.answers, seconds=START_WITHIN)

    def kill(self, server: Postgres | Kafka) -> None:
        """SIGKILL to its main process alone, as a crash would be."""
        assert server.running is not None
        server.running.kill()


@contextmanager
def running_servers(home: Path) -> Iterator[Servers]:
    """Start both below `home`; stop them at the end, frozen or not."""
    servers = Servers(Postgres(home), OurKafka(home))
    both = (servers.postgres, servers.kafka)
    try:
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(lambda server: server.start(), both))
        yield servers
    finally:
        for server in both:
            if server.running is not None and server.running.is_running():
                servers.signal_all(server, signal.SIGCONT)
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(lambda server: server.stop(), both))
        servers.postgres.data_dirs.remove()
