"""supervisord: its settings, its start, and what it is asked. It starts, watches, restarts."""

import os
import secrets
import shlex
import stat
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from deploy.local.servers.ports import wait_until
from deploy.local.servers.processes import Program, tail
from deploy.local.stack.layout import ROOT, Layout, StackError
from deploy.local.stack.ownership import MARK

SERVERS, SERVICES = "servers", "services"
LONGEST_SOCKET_PATH = 90  # the system's limit is 104 to 108 bytes, and supervisord adds its pid
# Services get 20 s to finish what they hold and the servers 8 s after them: `make down` stays below 30 s.
PATIENCE = {SERVERS: 8, SERVICES: 20}

HEAD = """\
; Written by `make up`.
[supervisord]
logfile={log}
logfile_maxbytes=10MB
logfile_backups=2
pidfile={pid}
childlogdir={logs}
umask=077
{user}
[unix_http_server]
file={socket}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""
# A process that ends within 10 s of its start waits a second longer before each new try.
PROGRAM = """
[program:{name}]
command={command}
directory={directory}
environment={environment}
autostart={autostart}
autorestart=true
startsecs=10
startretries=60
stopsignal={stop_signal}
stopwaitsecs={patience}
redirect_stderr=true
stdout_logfile={log}
stdout_logfile_maxbytes=20MB
stdout_logfile_backups=3
{user}"""


@dataclass(frozen=True)
class Supervised:
    """What supervisord says of one process."""

    name: str
    group: str
    pid: int
    state: str
    since: int
    note: str


class Supervisor:
    """The supervisord of one stack."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.socket = _socket_path(layout)

    def is_running(self) -> bool:
        """True when it answers on its socket."""
        try:
            return str(self._ask("getState")["statename"]) == "RUNNING"
        except (OSError, HTTPException):
            return False

    def pid(self) -> int:
        return int(self._ask("getPID"))

    def start(self, programs: Mapping[str, Sequence[Program]]) -> None:
        """Write its settings and start it as a daemon, with the servers; services wait for `start_group`."""
        self.layout.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.layout.supervisor_log.exists():
            self.layout.supervisor_log.unlink()  # restarts are counted from it, since this start
        self.socket.unlink(missing_ok=True)
        mark = secrets.token_hex(16)
        self.layout.mark.write_text(mark)
        _write_private(self.layout.supervisor_settings, self._settings(programs))
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(self.layout.supervisor_settings)]
        environment = {**_harmless(os.environ), MARK: mark}
        done = subprocess.run(
            command,
            cwd=self.layout.home,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        try:
            if done.returncode != 0:
                raise TimeoutError(done.stderr)
            wait_until(self.is_running, seconds=15, what="the start of supervisord")
        except TimeoutError as error:
            log = tail(self.layout.supervisor_log)
            raise StackError(f"supervisord did not start: {error}\n{log}") from error

    def processes(self) -> list[Supervised]:
        """Every process, servers first."""
        return [
            Supervised(row["name"], row["group"], row["pid"], row["statename"], row["start"], row["spawnerr"])
            for row in self._ask("getAllProcessInfo")
        ]

    def start_process(self, process: Supervised) -> None:
        """Start one that gave up or was stopped; one that has been started meanwhile is left alone."""
        try:
            self._ask("startProcess", f"{process.group}:{process.name}", False)
        except Fault as fault:
            if "ALREADY_STARTED" not in fault.faultString:
                raise StackError(f"{process.name}: {fault.faultString}") from fault

    def stop_process(self, process: Supervised) -> None:
        """Stop one in order, and wait for it; one that does not run is left alone."""
        try:
            self._ask("stopProcess", f"{process.group}:{process.name}", True)
        except Fault as fault:
            if "NOT_RUNNING" not in fault.faultString:
                raise StackError(f"{process.name}: {fault.faultString}") from fault

    def start_group(self, group: str) -> None:
        self._ask("startProcessGroup", group, False)

    def stop(self) -> None:
        """End every process in order, the services before the servers, then supervisord itself."""
        there = {process.group for process in self.processes()}
        for group in (SERVICES, SERVERS):
            if group in there:
                self._ask("stopProcessGroup", group, True)
        self._ask("shutdown")

    def _ask(self, question: str, *arguments: Any) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self.socket}")
        with ServerProxy("http://127.0.0.1", transport) as server:
            return getattr(server.supervisor, question)(*arguments)

    def _settings(self, programs: Mapping[str, Sequence[Program]]) -> str:
        layout = self.layout
        user = "user=root\n" if os.geteuid() == 0 else ""
        text = HEAD.format(
            log=layout.supervisor_log,
            pid=layout.supervisor_pid,
            logs=layout.logs,
            socket=self.socket,
            user=user,
        )
        for group, members in programs.items():
            names = ",".join(program.name for program in members)
            text += f"\n[group:{group}]\nprograms={names}\npriority={100 if group == SERVERS else 200}\n"
            text += "".join(_section(program, group, layout) for program in members)
        return text


def _section(program: Program, group: str, layout: Layout) -> str:
    environment = ",".join(f'{name}="{value}"' for name, value in (program.environment or {}).items())
    return PROGRAM.format(
        name=program.name,
        command=_plain(shlex.join(program.command)),
        directory="/" if group == SERVERS else ROOT,
        environment=_plain(environment),
        autostart="true" if group == SERVERS else "false",
        stop_signal=program.stop_signal.name.removeprefix("SIG"),
        patience=PATIENCE[group],
        log=program.log,
        user=f"user={program.user}\n" if program.user else "",
    )


def _plain(text: str) -> str:
    return text.replace("%", "%%")


def _harmless(environ: Mapping[str, str]) -> dict[str, str]:
    """What the processes inherit from the shell: all but credentials, which each gets when it needs them."""
    secret = ("_DATABASE_URL", "ADMIN_TOKEN", "SECRETS_KEY", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in environ.items() if not name.endswith(secret)}


def _socket_path(layout: Layout) -> Path:
    near = layout.home / "supervisor.sock"
    if len(str(near)) <= LONGEST_SOCKET_PATH:
        return near
    word = sha256(str(layout.home).encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"leadloop-{os.geteuid()}-{word}"
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        raise StackError(
            f"{folder} belongs to somebody else, and the path of {near} is too long for a socket."
        )
    return folder / "supervisor.sock"


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
