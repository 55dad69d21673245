"""`leadloop backup`, `restore`, `drill`: dumps of the three databases, and proof that they are good."""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

import asyncpg
import typer
from rich.console import Console

from deploy.ops.addresses import (
    Addresses,
    database_urls,
    given_addresses,
    insist_on_local,
    local_admin_url,
    usable,
)
from deploy.ops.commands.databases import Service
from deploy.ops.reconcile.servers import UnreachableError
from deploy.ops.reconcile.shown import as_text
from deploy.ops.recovery import backup as backups
from deploy.ops.recovery.backup import BackupError, Dump
from deploy.ops.recovery.catching_up import equal_among_themselves, outlook
from deploy.ops.terminal import confirm, fail
from shared.database.addresses import read
from shared.database.failures import reason_of
from shared.database.sessions import connect

LONG = {"statement_timeout": "0", "lock_timeout": "0"}
LONGEST = 600  # seconds, for making a database and dropping it
Answer = TypeVar("Answer")
console = Console(highlight=False, soft_wrap=True)


def backup(to: Annotated[Path, typer.Option(help="A folder that does not exist yet.")]) -> None:
    """Dump the three databases into a new folder. They go on working."""
    if to.exists():
        raise fail(f"{to} exists already: name a new folder.")
    dumps = _run(backups.take(database_urls(), to))
    print(f"Backed up: {backups.names(dumps)}. It holds people's data: keep {to} safe.")


def restore(
    service: Service,
    of: Annotated[Path, typer.Option("--from", help="The folder of a backup.")],
    into: Annotated[
        str, typer.Option(help="URL of an empty database; the service's own when left out.")
    ] = "",
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    anywhere: Annotated[bool, typer.Option(help="Also on servers that are not the local stack.")] = False,
) -> None:
    """Bring one database back from a backup, into an empty one; then say how it catches up."""
    addresses = given_addresses()
    url = into or addresses.databases[service]
    database = usable(url).database
    insist_on_local(
        Addresses({**addresses.databases, service: url}, addresses.kafka, addresses.prefix), anywhere=anywhere
    )
    try:
        dump = backups.read(of)[service]
    except (BackupError, KeyError) as error:
        raise fail(f"no backup of {service} in {of}: {error}") from error
    confirm(f"Restore {service} as it was at {dump.taken_at} into {database}?", yes=yes)
    _run(backups.restore(dump, of, url))
    others = " ".join(f"--service {one}" for one in Service if one != service)
    print(f"{service} is as it was at {dump.taken_at}. What the others told since then, it catches up with:")
    print(f"  leadloop rebuild --from {dump.since.isoformat()} {others} --while-running")
    print("What it told itself since then is in no log any more: docs/recovery.md says what that means.")


def drill(
    admin_url: Annotated[
        str, typer.Option(help="URL of a role that may make databases; the local stack's when left out.")
    ] = "",
    keep: Annotated[Path | None, typer.Option(help="Keep the backup in this new folder.")] = None,
) -> None:
    """Rehearse the loss of the databases: dump, restore beside, compare, and say what would be caught up.

    The live databases are only read. What was restored is dropped at the end.
    """
    live = given_addresses()
    admin = admin_url or local_admin_url(live)
    if keep is not None and keep.exists():
        raise fail(f"{keep} exists already: name a new folder.")
    with tempfile.TemporaryDirectory(prefix="leadloop-drill-") as temporary:
        equal = _run(_drill(live, admin, keep or Path(temporary) / "backup"))
    raise typer.Exit(0 if equal else 1)


async def _drill(live: Addresses, admin: str, folder: Path) -> bool:
    began = time.monotonic()
    dumps = await backups.take(live.databases, folder)
    console.print(f"Dumped after {time.monotonic() - began:.1f} s: {backups.names(dumps)}.")
    async with _beside(live.databases, admin) as restored:
        for dump in dumps:
            await backups.restore(dump, folder, restored[dump.service])
        console.print(f"Restored after {time.monotonic() - began:.1f} s, beside the live ones.")
        findings = await equal_among_themselves(live, restored)
        console.print(as_text(findings))
        if not findings.holds:
            console.print(
                "Three dumps are no single cut: what was on its way between them differs, and is caught "
                "up by `leadloop rebuild`. On a system at rest nothing differs."
            )
        console.print("\nIf one database had to be brought back from this backup now:")
        for dump in dumps:
            await _tell(live, restored, dump)
    return findings.holds


async def _tell(live: Addresses, restored: Mapping[str, str], dump: Dump) -> None:
    found = await outlook(live, restored, dump.service, dump.since)
    console.print(f"  {dump.service}: {found.to_catch_up:,} events of the others would be caught up", end="")
    gone = ", ".join(f"{count:,} {name.split('.')[2]}" for name, count in found.gone.items())
    console.print(f"; gone for good: {gone}." if gone else "; nothing of its own would be gone.")


@contextlib.asynccontextmanager
async def _beside(urls: Mapping[str, str], admin: str) -> AsyncIterator[dict[str, str]]:
    """New databases on the same server, owned by the services' roles; dropped at the end."""
    connection = await connect(admin, application="leadloop-drill", **LONG)
    mark = int(time.time())
    made: dict[str, str] = {}
    try:
        for service, url in urls.items():
            address = read(url)
            name = f"{address.database}_drill_{mark}"
            await connection.execute(f'CREATE DATABASE "{name}" OWNER "{address.user}"', timeout=LONGEST)
            made[service] = address.of_database(name).url
        yield made
    finally:
        for url in made.values():
            await connection.execute(f'DROP DATABASE "{read(url).database}" WITH (FORCE)', timeout=LONGEST)
        await connection.close()


def _run(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Do it; what a caller can mend ends the program in one line."""
    try:
        return asyncio.run(work)
    except (BackupError, UnreachableError, OSError, asyncpg.PostgresError) as error:
        raise fail(reason_of(error) or str(error)) from error
    except KeyboardInterrupt:
        print("\nStopped; nothing of the live databases was changed.")
        raise typer.Exit(130) from None
