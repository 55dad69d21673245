"""`python -m tests.sabotage`: break the product in one place after the other, and see a test notice each."""

import asyncio
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from shared import clock
from tests.sabotage import report, trial
from tests.sabotage.bug import Bug, part_of
from tests.sabotage.bugs import BUGS
from tests.sabotage.trial import TREE, Verdict
from tests.support import steward
from tests.support.steward import Steward

PARTS = 5  # of which a run in CI takes one, another each day
BASELINE_LIMIT = 600.0
console = Console()


def chosen(part: str, only: Sequence[str]) -> tuple[Bug, ...]:
    """The bugs of a part (`2/5`, `today`, `all`) whose names contain one of `only`, or all of it."""
    named = tuple(bug for bug in BUGS if not only or any(each in bug.name for each in only))
    if part == "all":
        return named
    if part == "today":
        return part_of(named, clock.now().timetuple().tm_yday % PARTS + 1, PARTS)
    match = re.fullmatch(r"(\d+)/(\d+)", part)
    if match is None:
        raise typer.BadParameter("a part is `all`, `today`, or a number of parts such as 2/5")
    try:
        return part_of(named, int(match[1]), int(match[2]))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


async def baseline(bugs: Sequence[Bug], servers: Mapping[str, str]) -> str:
    """Why the tests can't be trusted to notice anything; empty when all of them pass on an unbroken copy."""
    tests = sorted({test for bug in bugs for test in bug.caught_by})
    with trial.copied() as tree:
        heard = await trial.run(tree, tests, servers, limit=BASELINE_LIMIT)
    if heard.strangers:
        return f"not the copy was tested: {heard.strangers[0]}"
    silent = [test for test in tests if not any(trial.is_of(name, test) for name in heard.passed)]
    if heard.exit or silent:
        return "\n".join([heard.output.strip()[-3000:], *(f"did not pass: {test}" for test in silent)])
    return ""


async def try_all(bugs: Sequence[Bug], servers: Mapping[str, str], jobs: int) -> list[Verdict]:
    """A verdict for each bug, in order; `jobs` trials at a time."""
    room = asyncio.Semaphore(jobs)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("breaking things", total=len(bugs))

        async def one(bug: Bug) -> Verdict:
            async with room:
                verdict = await trial.attempt(bug, servers)
            if not verdict.caught:
                progress.console.print(f"[red]not caught[/]: {bug.name}: {verdict.why_not}")
            progress.advance(task)
            return verdict

        return list(await asyncio.gather(*map(one, bugs)))


async def work(bugs: Sequence[Bug], jobs: int, *, first: bool) -> list[Verdict]:
    """See the tests pass, the first time, then break things; all on one PostgreSQL and one Kafka."""
    servers = {variable: steward.address_of(name) for name, variable in steward.GIVEN.items()}
    if first:
        await see_them_pass(bugs, servers)
    return await try_all(bugs, servers, jobs)


async def see_them_pass(bugs: Sequence[Bug], servers: Mapping[str, str]) -> None:
    began = time.monotonic()
    with console.status("the named tests, on an unbroken copy"):
        fault = await baseline(bugs, servers)
    if fault:
        console.print(fault, markup=False)
        console.print("[red]The named tests do not pass without a bug; mend them first.")
        raise typer.Exit(2)
    console.print(f"unbroken, the named tests pass ({time.monotonic() - began:.0f} s)")


def one_round(bugs: Sequence[Bug], jobs: int, *, first: bool) -> list[Verdict]:
    """Every bug once, on servers of the round's own: topics that trials leave behind make a broker slow."""
    servers = Steward()
    servers.start()
    try:
        return asyncio.run(work(bugs, jobs, first=first))
    finally:
        servers.stop()


def commit() -> str:
    said = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=TREE, capture_output=True, text=True)
    return said.stdout.strip() or "no commit"


def stop(*_: object) -> None:
    raise KeyboardInterrupt


def main(
    part: Annotated[str, typer.Option(help="`all`, `2/5`, or `today`: another fifth each day.")] = "all",
    only: Annotated[list[str] | None, typer.Option(help="Only bugs so named. Repeatable.")] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Trials at a time.")] = 2,
    times: Annotated[int, typer.Option(min=1, help="Trials of each bug; all have to catch it.")] = 1,
    write: Annotated[Path | None, typer.Option("--report", help="Write a markdown report here.")] = None,
    as_json: Annotated[Path | None, typer.Option("--json", help="Write the verdicts here as JSON.")] = None,
) -> None:
    """Exit code 0: every bug was caught. 1: one was not, or no longer applies. 2: the tests fail unbroken."""
    bugs = chosen(part, only or ())
    if not bugs:
        raise typer.BadParameter("no bug is left to try")
    signal.signal(signal.SIGTERM, stop)
    try:
        rounds = [one_round(bugs, jobs, first=not number) for number in range(times)]
    except KeyboardInterrupt:
        console.print("stopped; nothing is left running")
        raise typer.Exit(130) from None
    verdicts = [trial.together(verdicts) for verdicts in zip(*rounds, strict=True)]
    console.print(report.as_table(verdicts))
    if write is not None:
        write.parent.mkdir(parents=True, exist_ok=True)
        write.write_text(report.as_markdown(verdicts, when=clock.now(), commit=commit()))
    if as_json is not None:
        as_json.write_text(json.dumps(report.as_json(verdicts), indent=1))
    console.print(report.summary(verdicts))
    raise typer.Exit(0 if all(verdict.caught for verdict in verdicts) else 1)


if __name__ == "__main__":
    os.environ.pop("PYTEST_ADDOPTS", None)  # what a shell asks of pytest is not asked here
    typer.run(main)
