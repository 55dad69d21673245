"""Backups with PostgreSQL's own tools: a dump per database with its moment, a restore in one piece."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from deploy.ops.recovery import tools
from deploy.ops.recovery.tools import APPLICATION, BackupError
from shared.database.addresses import read as read_url
from shared.database.sessions import connect

__all__ = ["BackupError", "Dump", "names", "read", "restore", "take"]

MANIFEST = "backup.json"
MARGIN = timedelta(minutes=5)  # a transaction may have begun that long before the dump and committed in it


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


async def take(urls: Mapping[str, str], folder: Path) -> list[Dump]:
    """Dump every database into a new folder. Each dump is one snapshot; three of them are not one cut."""
    folder.mkdir(parents=True, mode=0o700)  # noqa: ASYNC240 - nobody else waits for this program
    dumps = []
    for service, url in urls.items():
        server = await tools.server_of(url)
        taken_at = await _now(url)
        file = folder / f"{service}.dump"
        await tools.run(
            "pg_dump",
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--file={file}",
            url=url,
            server=server,
        )
        file.chmod(0o600)
        dumps.append(Dump(service, file.name, taken_at.isoformat(), file.stat().st_size))
    (folder / MANIFEST).write_text(json.dumps([asdict(dump) for dump in dumps], indent=2))
    (folder / MANIFEST).chmod(0o600)
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
    connection = await connect(url, application=APPLICATION)
    try:
        tables = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    finally:
        await connection.close()
    if tables:
        raise BackupError(
            f"the database of {dump.service} is not empty ({tables} tables): restore into a new one."
        )
    await tools.run(
        "pg_restore",
        *("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"),
        f"--dbname={read_url(url).database}",
        str(folder / dump.file),
        url=url,
        server=await tools.server_of(url),
    )


async def _now(url: str) -> datetime:
    connection = await connect(url, application=APPLICATION)
    try:
        moment: datetime = await connection.fetchval("SELECT now()")
        return moment
    finally:
        await connection.close()


def names(dumps: Iterable[Dump]) -> str:
    return ", ".join(f"{dump.service} {dump.bytes / 1e6:.1f} MB" for dump in dumps)
