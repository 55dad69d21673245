"""Starts the real servers once per test run, when the first test asks, and stops them at the end.

The steward lives in pytest's main process; test workers ask by touching a file and read the
answer from another. A server that is already running somewhere is named by
TEST_POSTGRES_ADMIN_URL or TEST_KAFKA_BOOTSTRAP.
"""

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from deploy.local.servers import Kafka, Postgres

FOLDER = "LEADLOOP_TEST_FOLDER"
# A database per test means many small files and syncs: on a disk in memory that takes a tenth of the time.
MEMORY, ROOM_NEEDED = Path("/dev/shm"), 2 << 30
GIVEN = {"postgres": "TEST_POSTGRES_ADMIN_URL", "kafka": "TEST_KAFKA_BOOTSTRAP"}


class Steward(threading.Thread):
    def __init__(self) -> None:
        super().__init__(name="steward", daemon=True)
        self.folder = Path(tempfile.mkdtemp(prefix="leadloop-tests-"))
        roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM_NEEDED
        self._fast = Path(tempfile.mkdtemp(prefix="leadloop-tests-", dir=MEMORY if roomy else None))
        self._over = threading.Event()
        self._stops: list[Callable[[], None]] = []
        os.environ[FOLDER] = str(self.folder)

    def run(self) -> None:
        waiting = {"postgres": self._postgres, "kafka": self._kafka}
        while waiting and not self._over.wait(0.05):
            for name in [name for name in waiting if (self.folder / f"{name}.wanted").exists()]:
                try:
                    answer = waiting.pop(name)()
                except Exception as error:  # noqa: BLE001 - told to the test that asked
                    answer = f"failed: {error}"
                (self.folder / f"{name}.new").write_text(answer)
                (self.folder / f"{name}.new").rename(self.folder / f"{name}.address")

    def _postgres(self) -> str:
        server = Postgres(self._fast / "postgres")
        self._stops += [server.stop, server.data_dirs.remove]
        server.start()
        return server.admin_url

    def _kafka(self) -> str:
        server = Kafka(self.folder / "kafka")
        self._stops.append(server.stop)
        server.start()
        return server.bootstrap

    def stop(self) -> None:
        self._over.set()
        self.join(90)
        for stop in self._stops:
            stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self._fast, ignore_errors=True)


def address_of(name: str) -> str:
    """Where a server is; starts it when this is the first to ask. Raises RuntimeError when it can't start."""
    given = os.environ.get(GIVEN[name])
    if given:
        return given
    folder = Path(os.environ[FOLDER])
    (folder / f"{name}.wanted").touch()
    deadline = time.monotonic() + 120
    while not (folder / f"{name}.address").exists():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{name} did not start within two minutes")
        threading.Event().wait(0.05)
    answer = (folder / f"{name}.address").read_text()
    if answer.startswith("failed"):
        raise RuntimeError(answer)
    return answer
