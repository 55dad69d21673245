"""`python -m tests.faults`: faults under load, and whether anything was lost or doubled."""

import json
import os
import secrets
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from tests.faults import plan, report, segment
from tests.faults.catalogue import Fault, every_fault, missing
from tests.faults.display import Display
from tests.faults.plan import Planned
from tests.faults.segment import Json

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
GAP = 3.0


@app.command()
def main(
    seed: Annotated[int | None, typer.Option(help="The same seed draws the same schedule.")] = None,
    events: Annotated[
        int, typer.Option(min=100, help="At least so many events, over all segments.")
    ] = 20_000,
    faults: Annotated[int, typer.Option(min=0, help="So many faults, over all segments.")] = 40,
    segments: Annotated[int, typer.Option(min=1, help="Runs with servers of their own that add up.")] = 1,
    only: Annotated[list[str] | None, typer.Option(help="Only faults whose name contains this.")] = None,
    leads_per_second: Annotated[float, typer.Option(help="How many leads come.")] = 90,
    gap: Annotated[float, typer.Option(help="Seconds between two faults, on average.")] = GAP,
    lanes: Annotated[int, typer.Option(min=1, help="So many faults at a time.")] = 3,
    short: Annotated[bool, typer.Option(help="Slow faults take the shorter of their times.")] = True,
    results: Annotated[
        Path | None,
        typer.Option(help="Where segments' ledgers are kept; those that are there are not run again."),
    ] = None,
    report_to: Annotated[Path | None, typer.Option(help="Write a report below this folder.")] = None,
    logs: Annotated[Path | None, typer.Option(help="Keep the processes' logs here.")] = None,
    show: Annotated[bool, typer.Option(help="Print the schedule and do nothing.")] = False,
) -> None:
    """Run load with faults on servers of its own, and hold the ledger against what clients were told."""
    _end_on_sigterm()
    catalogue = _chosen(only or ())
    seed = secrets.randbelow(10**9) if seed is None else seed
    typer.echo(f"seed {seed}")
    typer.echo("".join(f"left out: {text}\n" for text in missing()), nl=False)
    bounds = [faults * number // segments for number in range(segments + 1)]
    schedules = [
        plan.draw(seed, number, catalogue, bounds[number] - bounds[number - 1], gap=gap)
        for number in range(1, segments + 1)
    ]
    if show:
        _show(schedules)
        return
    each = -(-events // segments)
    wanted = [
        segment.Wanted(seed, number, each, schedule, leads_per_second, lanes, short)
        for number, schedule in enumerate(schedules, 1)
    ]
    whole = report.add([_ledger_of(one, segments, results, logs) for one in wanted])
    if report_to is not None:
        report.write(whole, report_to)
    report.show_whole(whole)
    raise typer.Exit(0 if report.holds(whole) else 1)


def _end_on_sigterm() -> None:
    """A time limit ends us as Ctrl-C does: with everything stopped and thrown away."""
    # A shell that starts us in the background has us ignore Ctrl-C, which would go for both.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(os.getpid(), signal.SIGINT))


def _chosen(only: Sequence[str]) -> list[Fault]:
    chosen = [one for one in every_fault() if not only or any(word in one.name for word in only)]
    if not chosen:
        raise typer.BadParameter("No fault has such a name; --show lists a schedule of them.")
    return chosen


def _show(schedules: Sequence[Sequence[Planned]]) -> None:
    for number, schedule in enumerate(schedules, 1):
        for planned in schedule:
            typer.echo(f"{number:3} {planned.number:4} after {planned.gap:6.3f} s  {planned.fault.name}")


def _ledger_of(wanted: segment.Wanted, segments: int, results: Path | None, logs: Path | None) -> Json:
    """Run a segment, unless its ledger has been kept by an earlier run."""
    kept = results / f"segment-{wanted.seed}-{wanted.number:03}.json" if results is not None else None
    if kept is not None and kept.exists():
        earlier: Json = json.loads(kept.read_text())
        return earlier
    with Display(wanted, segments) as display:
        folder = logs / f"{wanted.number:03}" if logs is not None else None
        found = uvloop.run(segment.run(wanted, display, folder))
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(found, indent=1))
    report.show(found)
    return found


if __name__ == "__main__":
    app()
