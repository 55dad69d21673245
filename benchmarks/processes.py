"""Child processes: started, watched, measured, stopped."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from deploy.local.servers.ports import wait_until
from deploy.local.servers.processes import Program, Running, tail


class Child:
    """One program of a row."""

    def __init__(self, program: Program) -> None:
        self.running = Running(program)

    @property
    def pid(self) -> int:
        return self.running.pid

    def wait_until_ready(self, ready: Callable[[], bool]) -> None:
        self.running.wait_until_ready(ready)

    def wait(self, seconds: float) -> dict[str, Any]:
        """Wait for its end, and read the JSON it wrote as the last line of its log."""
        try:
            self.running.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"{self._name} still runs after {seconds:.0f} s:\n{self._tail()}") from None
        if self.running.process.returncode != 0:
            raise RuntimeError(f"{self._name} failed:\n{self._tail()}")
        found: dict[str, Any] = json.loads(tail(self.running.program.log, 1))
        return found

    def wait_for_line(self, word: str, seconds: float) -> None:
        """Wait until its log has this line."""

        def said() -> bool:
            if not self.running.is_running():
                raise RuntimeError(f"{self._name} ended:\n{self._tail()}")
            return word in self.running.program.log.read_text().splitlines()

        wait_until(said, seconds=seconds, what=f"{word!r} of {self._name}")

    def stop(self) -> None:
        self.running.stop(seconds=30)

    @property
    def _name(self) -> str:
        return self.running.program.name

    def _tail(self) -> str:
        return tail(self.running.program.log, 20)


@dataclass
class Cpu:
    """Seconds of processor time used by a process and its children, while the block ran."""

    seconds: float = 0.0


def cpu_seconds(pid: int) -> float:
    """Processor time of a process and of its children, those that ended included."""
    if not pid:
        return 0.0
    process = psutil.Process(pid)
    total = 0.0
    for one in (process, *process.children(recursive=True)):
        try:
            times = one.cpu_times()
        except psutil.Error:
            continue
        total += (
            times.user + times.system + (times.children_user + times.children_system if one == process else 0)
        )
    return total


def peak_megabytes(pid: int | str = "self") -> float:
    """The most memory a running process ever had resident; what it has now where the kernel doesn't tell."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return float(psutil.Process(None if pid == "self" else int(pid)).memory_info().rss / 2**20)


@contextmanager
def processor_time(*pids: int) -> Iterator[list[Cpu]]:
    """What each of these uses within the block."""
    before = [cpu_seconds(pid) for pid in pids]
    used = [Cpu() for _ in pids]
    yield used
    for cpu, pid, earlier in zip(used, pids, before, strict=True):
        cpu.seconds = cpu_seconds(pid) - earlier
