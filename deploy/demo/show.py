"""The demo as people watch it: a bar over the acts, a line for what happened, tables at the end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from deploy.demo import audit, desk, play, tables
from deploy.demo.house import DemoError, House
from deploy.demo.play import Play, Say
from deploy.demo.tallies import Tallies

Act = tuple[str, Callable[[Play, Say], None]]
ACTS: tuple[Act, ...] = (
    ("last month's leads", play.history),
    ("today, at every door", play.today),
    ("reps answer", play.shake_hands),
    ("deals", play.sell),
    ("a rep's day", desk.rep_day),
)


def perform(house: House, console: Console, *, quiet: bool) -> bool:
    """Play the month and show it. True when everything held; DemoError when it can't go on."""
    with play.stage(house) as graph, _progress(console, quiet=quiet) as progress:
        acts = progress.add_task("the company is set up", total=len(ACTS) + 2)

        def say(text: str) -> None:
            if not quiet:
                progress.console.print(f"  [green]✓[/] {escape(text)}")

        played = play.prepare(house, graph, say)
        with _failures_told(played, console):
            for name, act in ACTS:
                progress.update(acts, advance=1, description=name)
                act(played, say)
            progress.update(acts, advance=1, description="the sums")
            after = audit.audit(played)
        progress.update(acts, advance=1, description="played")
    _report(played, after, console, quiet=quiet)
    return not played.checks.failed


@contextmanager
def _failures_told(played: Play, console: Console) -> Iterator[None]:
    """When the story breaks off, what did not hold before is often why."""
    try:
        yield
    except DemoError:
        if played.checks.failed:
            console.print(tables.failures(played.checks))
        raise


def _progress(console: Console, *, quiet: bool) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=quiet or not console.is_terminal,
    )


def _report(played: Play, after: Tallies, console: Console, *, quiet: bool) -> None:
    if not quiet:
        for found in (
            tables.funnel(after),
            tables.roi(played, after),
            tables.speed(after),
            tables.equations(after),
        ):
            console.print()
            console.print(found)
        console.print()
    console.print(tables.agreement(played, after))
    console.print()
    checks = played.checks
    if checks.failed:
        console.print(tables.failures(checks))
        console.print(f"\n[red]{len(checks.failed)} of {len(checks.made)} expectations did not hold.[/]")
    else:
        console.print(f"[green]All {len(checks.made)} expectations held[/], credits and revenue to the cent.")


def next_steps(house: House, console: Console) -> None:
    """Where to look now."""
    marketing, handoff, sales = (house.url(service) for service in ("marketing", "handoff", "sales"))
    home = house.layout.env
    console.print(
        f"""
The stack stays up. Look at it:
  {marketing}/docs   campaigns, forms, leads, ROI
  {handoff}/docs   teams, routing rules, offers, speed to lead
  {sales}/docs   deals, payments, exchange rates
  docs/events.md   what the services tell each other

Ask it something (a token of an analyst, made for you):
  curl -s -H "Authorization: Bearer $(.venv/bin/leadloop token --role analyst)" \\
    '{marketing}/v1/reports/roi?from=2000-01-01&to=2100-01-01&model=linear'
  curl -s -H "Authorization: Bearer $(.venv/bin/leadloop token --role rep --subject demo-ana)" \\
    {handoff}/v1/assignments

For scripts: set -a; . {home}; set +a
Again: make demo · what runs: make status · stop, keep the data: make down · drop the data: make reset""",
        markup=False,
        soft_wrap=True,
    )
