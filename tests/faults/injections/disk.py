"""PostgreSQL's disk runs full: a service of its own on a disk in memory, so that the others keep theirs.

Mounting needs root. Where that is not possible the fault is not in the catalogue, and MISSING says so.
"""

import asyncio
import contextlib
import os
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import mkdtemp

from deploy.local.servers import Postgres
from services import migrate
from tests.faults.catalogue import Fault, Injection
from tests.faults.client import Door, NoAnswerError, NothingSentError
from tests.faults.house import House
from tests.faults.supervision import Supervised

SIZE = "224m"
ENOUGH = 12  # answers that say the disk is full
RECOVERED_WITHIN = 60.0
WHERE = Path("/var/tmp")  # the user PostgreSQL runs as must be able to pass


@contextmanager
def small_disk() -> Iterator[Path]:
    """A small file system of our own; unmounted at the end."""
    folder = Path(mkdtemp(prefix="leadloop-disk-", dir=WHERE))
    try:
        folder.chmod(0o755)
        options = ["-o", f"size={SIZE},mode=755"]
        subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", folder], check=True, capture_output=True)
        try:
            yield folder
        finally:
            subprocess.run(["umount", "-l", folder], check=False, capture_output=True)
    finally:
        folder.rmdir()


def can_mount() -> bool:
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    try:
        with small_disk():
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


async def full(house: House, rng: Random) -> Injection:
    """Filled to the last byte, and freed: requests are refused cleanly meanwhile, no accepted one is lost."""
    with small_disk() as disk:
        postgres = Postgres(disk)
        program = house.program("marketing-api-disk")
        try:
            await asyncio.to_thread(postgres.start)
            url = await asyncio.to_thread(postgres.create_service, "marketing", "for-this-run-only")
            async with house.holding("migrations"):
                await migrate.upgrade(url, "marketing")
            program.overrides["MARKETING_DATABASE_URL"] = url
            program.start()
            await program.ready()
            return await _fill_and_free(house, program, postgres, disk, rng)
        finally:
            await program.stop()
            await asyncio.to_thread(postgres.stop)
            await asyncio.to_thread(postgres.data_dirs.remove)


async def _fill_and_free(
    house: House, program: Supervised, postgres: Postgres, disk: Path, rng: Random
) -> Injection:
    clients = Clients(house, program.port, f"disk-{rng.getrandbits(64):016x}")
    for _ in range(20):
        await clients.send(1)
    if set(clients.statuses) != {"202"}:
        raise AssertionError(f"before the disk was full: {dict(clients.statuses)}")
    ballast = disk / "ballast"
    await asyncio.to_thread(_fill, ballast)
    for _ in range(400):
        await clients.send(rng.randint(20, 60))
        if clients.statuses["503"] + clients.statuses["none"] >= ENOUGH:
            break
    refused = clients.statuses["503"] + clients.statuses["none"]
    ballast.unlink()
    began = time.monotonic()
    while await clients.send(1) != "202":
        if time.monotonic() - began > RECOVERED_WITHIN:
            raise TimeoutError("No lead was accepted after the disk was freed.")
        if postgres.running is not None and not postgres.running.is_running():  # it gave up: a full disk may
            await asyncio.to_thread(postgres.start)
        await asyncio.sleep(0.1)
    seconds = time.monotonic() - began
    clients.close()
    if refused < ENOUGH:
        raise AssertionError(f"the disk was full and nobody noticed: {dict(clients.statuses)}")
    kept = await asyncio.to_thread(postgres.run_sql, "SELECT dedupe_key FROM deliveries;", "marketing")
    found = Counter(line.partition(":")[2] for line in kept.splitlines())
    lost = [key for key in clients.accepted if found[key] != 1]
    if lost or max(found.values()) > 1 or set(clients.statuses) - {"202", "503", "none"}:
        raise AssertionError(f"{len(lost)} accepted requests lost or doubled; {dict(clients.statuses)}")
    figures = {
        "accepted": float(len(clients.accepted)),
        "refused": float(refused),
        "accepts_again_seconds": seconds,
    }
    return Injection(figures, victim="a PostgreSQL of its own")


def _fill(ballast: Path) -> None:
    """Write until not one byte more goes in."""
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(1 << 20))
    with ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(1 << 10))


class Clients:
    """Sends leads one request after the other, and remembers which were accepted."""

    def __init__(self, house: House, port: int, name: str) -> None:
        self._door, self._name = Door(port), name
        self._headers = house.load.headers("admin", "boss")
        self._sent = 0
        self.accepted: list[str] = []
        self.statuses: Counter[str] = Counter()

    async def send(self, leads: int) -> str:
        """One request with so many leads; its status, or `none`."""
        self._sent += 1
        key = f"{self._name}-{self._sent}"
        people = [{"email": f"p{self._sent}-{n}@disk.example", "hand_raiser": True} for n in range(leads)]
        status = "none"
        with contextlib.suppress(NothingSentError, NoAnswerError):
            headers = f'{self._headers}idempotency-key: "{key}"\r\n'
            reply = await self._door.ask("POST", "/v1/leads/batch", {"leads": people}, headers=headers)
            status = str(reply.status)
        self.statuses[status] += 1
        if status == "202":
            self.accepted.append(key)
        return status

    def close(self) -> None:
        self._door.close()


MISSING = "" if can_mount() else "full disk (mounting a small one needs root)"
FAULTS = () if MISSING else (Fault("full disk", 1, full, slow=True),)
