"""`leadloop demo`: a month of a company through the public doors, checked to the cent."""

import sys
from typing import Annotated

import typer
from rich.console import Console

from deploy.local.servers.processes import ServerError
from deploy.local.stack import environment as environments
from deploy.local.stack.layout import StackError, layout

WIDE = 110  # columns, where no terminal says how many there are


def demo(
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Only the sums and what did not hold.")
    ] = False,
) -> None:
    """Play a month on the local stack and check every sum; brings the stack up first if needed.

    Can be run again and again. It makes teams and reps of its own and replaces the routing rules.
    """
    from deploy.demo.house import DemoError, House  # noqa: PLC0415 - the other commands don't need httpx and JWT
    from deploy.demo.show import next_steps, perform  # noqa: PLC0415 - as above
    from deploy.local.stack.up import up  # noqa: PLC0415 - as above

    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
    place = layout()
    try:
        up(place, lambda text: console.print(f"[dim]leadloop:[/dim] {text} …"))
        environment = environments.read(place)
        assert environment is not None
        house = House(place, environment)
        held = perform(house, console, quiet=quiet)
    except (DemoError, StackError, ServerError) as error:
        print(f"leadloop: the demo stopped. {error}", file=sys.stderr)
        raise typer.Exit(1) from error
    if not quiet:
        next_steps(house, console)
    raise typer.Exit(0 if held else 1)
