"""Server processes started by a program that may itself be killed.

Each server runs in a session of its own, so that Ctrl-C reaches our program first. A reaper process reads
from a pipe only we hold open: when we end, however that happens, the pipe closes and it stops what is left.
"""

import atexit
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.servers.ports import wait_until


class ServerError(Exception):
    """A server of the local stack could not do what was asked; the text says what to do about it."""


@dataclass(frozen=True)
class Program:
    """How to run one server in the foreground, whoever starts it: us in tests, supervisord in the stack."""

    name: str
    command: Sequence[str]
    log: Path
    stop_signal: signal.Signals = signal.SIGTERM
    user: str | None = None
    environment: Mapping[str, str] | None = None


class Running:
    """A started program. `stop` is gentle first; `kill` is what a crash test wants."""

    def __init__(self, program: Program) -> None:
        self.program = program
        with program.log.open("ab") as log:
            self.process = subprocess.Popen(
                list(program.command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=dict(program.environment) if program.environment is not None else None,
                user=program.user,
                extra_groups=[] if program.user else None,
                start_new_session=True,
            )
        _reaper().watch(self.process.pid, program.stop_signal)

    @property
    def pid(self) -> int:
        return self.process.pid

    def is_running(self) -> bool:
        return self.process.poll() is None

    def stop(self, *, seconds: float = 20) -> None:
        """Ask it to end, and end it for good when it has not within `seconds`."""
        if self.is_running():
            self.process.send_signal(self.program.stop_signal)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
        _reaper().forget(self.process.pid)

    def kill(self) -> None:
        """SIGKILL, as the kernel's memory killer would."""
        self.process.kill()
        self.process.wait()
        _reaper().forget(self.process.pid)

    def wait_until_ready(self, ready: Callable[[], bool], *, seconds: float = 60) -> None:
        """Return when `ready()` holds; a server that ended meanwhile shows the end of its log."""

        def ready_or_ended() -> bool:
            if not self.is_running():
                message = f"{self.program.name} ended at its start:\n{tail(self.program.log)}"
                raise ServerError(message)
            return ready()

        try:
            wait_until(ready_or_ended, seconds=seconds, what=f"the start of {self.program.name}")
        except TimeoutError as error:
            message = f"{error}; the end of {self.program.log}:\n{tail(self.program.log)}"
            raise ServerError(message) from error


def tail(path: Path, lines: int = 15) -> str:
    """The last lines of a log, for an error message."""
    if not path.exists():
        return "(no log)"
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])


class _Reaper:
    def __init__(self) -> None:
        self._owner = os.getpid()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("reaper.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )
        atexit.register(self.end)

    @property
    def usable(self) -> bool:
        return self._owner == os.getpid() and self._process.poll() is None

    def watch(self, pid: int, stop_signal: signal.Signals) -> None:
        self._say(f"+{pid} {int(stop_signal)}")

    def forget(self, pid: int) -> None:
        self._say(f"-{pid} 0")

    def end(self) -> None:
        if self.usable and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait()

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()


_current: list[_Reaper] = []


def _reaper() -> _Reaper:
    if not _current or not _current[0].usable:
        _current[:] = [_Reaper()]
    return _current[0]
