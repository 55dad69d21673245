"""What can be seen while a segment runs: a bar, and a line for every fault that is over."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.faults.driver import Done
from tests.faults.segment import Wanted


class Display:
    """The watcher of one segment."""

    def __init__(self, wanted: Wanted, segments: int) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=Console(soft_wrap=True), transient=True)
        self._faults = self._progress.add_task("faults", total=len(wanted.schedule))
        self._events = self._progress.add_task("events", total=wanted.events)
        self._step = self._progress.add_task(f"segment {wanted.number} of {segments}", total=1)
        self._title = f"segment {wanted.number} of {segments}"

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def step(self, text: str) -> None:
        self._progress.update(self._step, description=f"{self._title}: {text}")

    def events(self, count: int) -> None:
        if count >= 0:
            self._progress.update(self._events, completed=count)

    def fault(self, done: Done) -> None:
        self._progress.advance(self._faults)
        figures = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in done.figures.items())
        trouble = f" [red]{done.failure}[/]" if done.failure else ""
        self._progress.console.print(f"  {done.name} {done.victim}: {figures}{trouble}", highlight=False)
