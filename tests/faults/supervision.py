"""A process that is started again when it ends, a little later each time: what production has, too."""

import asyncio
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from deploy.local.servers.ports import HOST
from deploy.local.servers.processes import Program, Running

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
LIVED_WELL = 10.0  # seconds after which an end is no longer the start's fault
LOOK_EVERY = 0.05


class Supervised:
    """One program of the house. `kill` is a crash, `stop` an order; only after an order it stays away."""

    def __init__(
        self, name: str, module: str, port: int, log: Path, environment: Callable[[], dict[str, str]]
    ) -> None:
        self.name, self.module, self.port, self.log = name, module, port, log
        self._environment = environment
        self._running: Running | None = None
        self._watching: asyncio.Task[None] | None = None
        self._pause = FIRST_PAUSE
        self._since = 0.0
        self.overrides: dict[str, str] = {}  # settings of this process alone, from its next start on
        self.starts = 0

    def start(self, *launcher: str) -> None:
        """Start it, and watch over it. `launcher` are modules and words that run it, for this one time."""
        self._spawn(*launcher)
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch())

    def _spawn(self, *launcher: str) -> None:
        command = [sys.executable, "-m", *(launcher or ()), self.module]
        environment = self._environment() | self.overrides
        self._running = Running(Program(self.name, command, self.log, environment=environment))
        self._since = time.monotonic()
        self.starts += 1

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if self.is_running:
                continue
            lived = time.monotonic() - self._since
            self._pause = FIRST_PAUSE if lived > LIVED_WELL else min(self._pause * 2, LONGEST_PAUSE)
            self._forget()
            await asyncio.sleep(self._pause)
            self._spawn()

    @property
    def is_running(self) -> bool:
        return self._running is not None and self._running.is_running()

    @property
    def pid(self) -> int:
        assert self._running is not None
        return self._running.pid

    def kill(self) -> None:
        """SIGKILL: nothing is flushed, nothing is said goodbye to. It comes back by itself."""
        if self._running is not None:
            self._running.process.kill()

    def kill_for_good(self) -> None:
        """SIGKILL, and it stays away until it is started again."""
        self._stop_watching()
        if self._running is not None:
            self._running.kill()
            self._running = None

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._running is not None and self._running.is_running():
            self._running.process.send_signal(number)

    async def stop(self, *, seconds: float = 35) -> int:
        """SIGTERM, wait, and leave it stopped; its exit code (-9: it had to be killed)."""
        self._stop_watching()
        running = self._running
        if running is None:
            return 0
        self.thaw()
        await asyncio.to_thread(running.stop, seconds=seconds)
        self._running = None
        return int(running.process.returncode)

    async def restart(self, *launcher: str) -> None:
        """Stop it in order and start it again, with `overrides` as they are now."""
        await self.stop()
        self.start(*launcher)

    async def ended(self, *, seconds: float) -> bool:
        """Wait until the process that runs now has ended by itself; False when it has not in time."""
        running, deadline = self._running, time.monotonic() + seconds
        while running is not None and running is self._running and running.is_running():
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.02)
        return True

    async def ready(self, *, seconds: float = 150) -> float:
        """Wait until it says it is ready, which another fault may put off; how long that took.

        TimeoutError names it and its log.
        """
        return await self._says("/readyz", seconds)

    async def alive(self, *, seconds: float = 60) -> float:
        """Wait until it runs, able to work or not: before, a signal finds an interpreter that loads."""
        return await self._says("/livez", seconds)

    async def _says(self, path: str, seconds: float) -> float:
        began = time.monotonic()
        while not await answers(self.port, path):
            if time.monotonic() - began > seconds:
                raise TimeoutError(
                    f"{self.name} did not answer {path} within {seconds:.0f} s; see {self.log}"
                )
            await asyncio.sleep(0.05)
        return time.monotonic() - began

    def _stop_watching(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None

    def _forget(self) -> None:
        if self._running is not None:
            self._running.stop()
            self._running = None


async def answers(port: int, path: str = "/readyz") -> bool:
    """Whether the program on this port says yes: that it is ready, or at least alive."""
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection(HOST, port)
            writer.write(f"GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".encode())
            return b" 200 " in await reader.readline()
    except (OSError, TimeoutError):
        return False
    finally:
        if writer is not None:
            writer.close()
