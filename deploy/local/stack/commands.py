"""`leadloop stack …`: what `make up`, `status`, `logs`, `down` and `reset` do."""

import asyncio
import os
import sys
import time
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy.local.servers.processes import ServerError
from deploy.local.stack import environment as environments
from deploy.local.stack.environment import Environment
from deploy.local.stack.layout import StackError, layout
from deploy.local.stack.supervision import Supervisor
from shared.services import SERVICES

app = typer.Typer(help="The local stack.", no_args_is_help=True)
console = Console(highlight=False, soft_wrap=True)
MEGABYTE = 1_000_000


def _say(text: str) -> None:
    console.print(f"[dim]leadloop:[/dim] {text} …")


def _fail(error: Exception) -> typer.Exit:
    print(f"leadloop: {error}", file=sys.stderr)
    return typer.Exit(1)


@app.command()
def up() -> None:
    """Start everything that does not run yet, and wait until all of it is ready."""
    from deploy.local.stack.up import (  # noqa: PLC0415 - the other commands don't need the servers
        up as bring_up,
    )

    began = time.monotonic()
    place = layout()
    try:
        started = bring_up(place, _say)
    except (StackError, ServerError) as error:
        raise _fail(error) from error
    environment = environments.read(place)
    assert environment is not None
    if started:
        console.print(f"Leadloop is up, after {time.monotonic() - began:.0f} s.")
    else:
        console.print("Leadloop is up already; nothing to do.")
    _show_addresses(environment)


@app.command()
def down() -> None:
    """Stop everything; the data stay."""
    from deploy.local.stack.down import down as stop  # noqa: PLC0415 - as above

    began = time.monotonic()
    if stop(layout()):
        console.print(f"Leadloop is down, after {time.monotonic() - began:.0f} s. The data are kept.")
    else:
        console.print("Leadloop was not up.")


@app.command()
def reset() -> None:
    """Stop everything and delete its data, keys and logs."""
    from deploy.local.stack.down import reset as clear  # noqa: PLC0415 - as above

    clear(layout(), _say)
    console.print("Leadloop is down, and its data are gone.")


@app.command()
def logs(
    of: Annotated[str, typer.Argument(help="One process, e.g. marketing-api; all without it.")] = "",
) -> None:
    """Follow what the processes write."""
    files = [path for path in environments.log_files(layout()) if of in {"", path.stem}]
    if not files:
        raise _fail(StackError(f"There is no log{f' of {of}' if of else ''} in {layout().logs}."))
    follow = "-F" if Supervisor(layout()).is_running() else "-q" if of else "-v"
    os.execvp("tail", ["tail", "-n", "40" if of else "5", follow, *map(str, files)])


@app.command()
def status() -> None:
    """Each process: health, memory, restarts; and what waits to be sent or read."""
    from deploy.local.stack.status import rows  # noqa: PLC0415 - as above
    from deploy.local.stack.waiting import waiting  # noqa: PLC0415 - loads aiokafka

    place = layout()
    supervisor = Supervisor(place)
    environment = environments.read(place)
    if environment is None or not supervisor.is_running():
        console.print("Leadloop is not up. Start it with: make up")
        raise typer.Exit(3)
    found = rows(place, supervisor, environment)
    table = Table("process", "pid", "health", "memory (PSS)", "restarts", "up for", box=None, pad_edge=False)
    for row in found:
        colour = "green" if row.health in {"ready", "running"} else "red"
        share = "?" if row.memory is None else f"{row.memory / MEGABYTE:,.0f} MB"
        table.add_row(
            row.name,
            str(row.pid or "-"),
            f"[{colour}]{row.health}[/]",
            share,
            str(row.restarts),
            _age(row.seconds),
        )
    total = sum(row.memory or 0 for row in found)
    table.add_row("all", "", "", f"{total / MEGABYTE:,.0f} MB", str(sum(row.restarts for row in found)), "")
    console.print(table)
    console.print()
    queues = Table(
        "service", "to send", "oldest", "to read (lag)", "parked", "also waits", box=None, pad_edge=False
    )
    for row_ in asyncio.run(waiting(environment)):
        oldest = "-" if row_.oldest_seconds is None else f"{row_.oldest_seconds:.1f} s"
        others = "; ".join(f"{each.queue} {each}" for each in row_.others)
        queues.add_row(
            row_.service, _count(row_.outbox), oldest, _count(row_.lag), _count(row_.parked), others
        )
    console.print(queues)
    if any(row.health not in {"ready", "running"} for row in found):
        raise typer.Exit(1)


def _count(number: int | None) -> str:
    return "?" if number is None else f"{number:,}"


def _age(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    return (
        f"{hours} h {rest // 60} min"
        if hours
        else f"{rest // 60} min {rest % 60} s"
        if rest >= 60
        else f"{rest} s"
    )


def _show_addresses(environment: Environment) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    for service in SERVICES:
        table.add_row(service, environment.url(service), f"{environment.url(service)}/docs")
    console.print(table)
    console.print(f"Credentials and addresses for scripts: set -a; . {layout().env}; set +a")
    console.print("Next: make demo · make status · make logs · make down")
