"""What lies where below `.leadloop`, and which programs the stack consists of."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from shared.services import SERVICES

ROOT = Path(__file__).resolve().parents[3]


class StackError(Exception):
    """The stack can't do what was asked; the text says why and what to do."""


@dataclass(frozen=True)
class Layout:
    """The folder of one stack; `LEADLOOP_HOME` names another, so that several can run beside each other."""

    home: Path

    @property
    def env(self) -> Path:
        """Everything a script needs, as NAME=value; readable by the owner only."""
        return self.home / "env"

    @property
    def keys(self) -> Path:
        return self.home / "keys"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def supervisor_settings(self) -> Path:
        return self.home / "supervisord.conf"

    @property
    def supervisor_pid(self) -> Path:
        return self.home / "supervisord.pid"

    @property
    def supervisor_log(self) -> Path:
        return self.logs / "supervisord.log"

    @property
    def mark(self) -> Path:
        """A random word in the environment of every process of the stack, so that we end only our own."""
        return self.home / "mark"

    @property
    def lock(self) -> Path:
        return self.home / "lock"


@dataclass(frozen=True)
class ServiceProgram:
    """One of the two programs of a service."""

    service: str
    kind: str  # "api" or "worker"

    @property
    def name(self) -> str:
        return f"{self.service}-{self.kind}"

    @property
    def command(self) -> list[str]:
        module = "app" if self.kind == "api" else "worker"
        return [sys.executable, "-m", f"services.{self.service}.{module}"]

    @property
    def path(self) -> Path:
        return ROOT / "services" / self.service / f"{'app' if self.kind == 'api' else 'worker'}.py"

    @property
    def port_name(self) -> str:
        """The setting that holds the port of its HTTP server."""
        return f"{self.service.upper()}_{'PORT' if self.kind == 'api' else 'WORKER_PORT'}"


PROGRAMS = tuple(
    program
    for kind in ("api", "worker")
    for service in SERVICES
    if (program := ServiceProgram(service, kind)).path.exists()
)


def layout() -> Layout:
    """The stack of this checkout."""
    return Layout(Path(os.environ.get("LEADLOOP_HOME") or ROOT / ".leadloop").absolute())
