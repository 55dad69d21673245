"""`python -m benchmarks`: every row, or those named by --only.

The report goes to benchmarks/results/, or, when it is given a name, to docs/reports/ to be committed.
"""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks import machine
from benchmarks.figures import Effort, Report
from benchmarks.report import COMMITTED, RESULTS, as_markdown, write
from benchmarks.rows import (
    alone,
    assigned,
    audited,
    capture,
    flooded,
    handling,
    intake,
    judged,
    loop,
    memory,
    recompute,
    relayed,
    roi,
)
from shared import clock

ROWS: dict[str, Callable[[Effort], Coroutine[Any, Any, Report]]] = {
    **{row.NAME: row.measure for row in (capture, flooded, alone, judged, intake, relayed)},
    **{row.name: row.measure for row in (handling.ASSIGN, handling.DEALS, handling.CREDITS)},
    assigned.NAME: assigned.measure,
    audited.NAME: audited.measure,
    **{row.NAME: row.measure for row in (loop, roi, recompute, memory)},
}


def main(
    only: Annotated[list[str] | None, typer.Option(help=f"A row: {', '.join(ROWS)}. Repeatable.")] = None,
    seconds: Annotated[float, typer.Option(help="How long each subject is loaded, each time.")] = 5,
    repeats: Annotated[int, typer.Option(help="How often the subjects of a row take turns.")] = 3,
    events: Annotated[int, typer.Option(help="Events per repeat where a backlog is worked off.")] = 100_000,
    name: Annotated[
        str | None, typer.Option(help="Write docs/reports/NAME.md, .json and .svg, to be committed.")
    ] = None,
    *,
    profile: Annotated[
        bool, typer.Option(help="Run each row once more, briefly, with our programs under the profiler.")
    ] = False,
    keep: Annotated[bool, typer.Option(help="Write the report; without it, only show it.")] = True,
) -> None:
    """Measure, print, and keep the report. The exit code says nothing about goals: a report does."""
    unknown = set(only or ()) - ROWS.keys()
    if unknown:
        raise typer.BadParameter(f"no such row: {', '.join(sorted(unknown))}")
    _refuse_other_servers()
    when = clock.now()
    with tempfile.TemporaryDirectory() as folder:
        described = machine.describe(Path(folder))
    effort = Effort(seconds=seconds, repeats=repeats, events=events)
    reports = []
    for row in only or ROWS:
        print(f"{row} …", flush=True)
        try:
            report = asyncio.run(ROWS[row](effort))
        except KeyboardInterrupt:
            print("stopped; nothing of it is left running, and no report was written", file=sys.stderr)
            raise typer.Exit(130) from None
        print(as_markdown([report], {}, when), flush=True)
        if profile:
            _profile(row, report, effort, keep=keep)
        reports.append(report)
    if keep:
        into = COMMITTED if name else RESULTS
        print(f"written to {write(reports, described, when, name or 'latest', into)}")


def _refuse_other_servers() -> None:
    """Figures of a server that others use say nothing, and filling it with a million leads is no favour."""
    found = [name for name in os.environ if name == "KAFKA_BOOTSTRAP" or name.endswith("DATABASE_URL")]
    if found:
        raise typer.BadParameter(
            f"measures servers of its own and no others; unset {', '.join(sorted(found))} first."
        )


def _profile(row: str, report: Report, effort: Effort, *, keep: bool) -> None:
    """Run a row once more, briefly, with our programs under the profiler; keep what it shows."""
    with tempfile.TemporaryDirectory() as folder:
        brief = replace(
            effort, seconds=min(effort.seconds, 8), repeats=1, events=min(effort.events, 20_000),
            profile_into=Path(folder),
        )  # fmt: skip
        asyncio.run(ROWS[row](brief))
        for found in sorted(Path(folder).glob("*.txt")):
            kept = f"profile-{row}-{found.stem}.txt"
            if keep:
                RESULTS.mkdir(exist_ok=True)
                (RESULTS / kept).write_text(found.read_text())
                report.notes.append(f"Where {found.stem} spends its time, under cProfile: [{kept}]({kept}).")
            else:
                print(found.read_text())


def _stop(*_: object) -> None:
    """Ctrl-C and SIGTERM end the row where it is: what it has started is stopped on the way out.

    A handler of our own, because asyncio's would wait for the program that is being measured.
    """
    raise KeyboardInterrupt


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    typer.run(main)
