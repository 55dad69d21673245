"""`leadloop events …`: events on our topics that no outbox of ours has sent."""

import asyncio
from typing import Annotated
from uuid import UUID

import typer

from deploy.ops.addresses import given_addresses, insist_on_local
from deploy.ops.reconcile.servers import UnreachableError
from deploy.ops.recovery import foreign
from deploy.ops.recovery.foreign import Found, NotForeignError
from deploy.ops.terminal import confirm, fail, show_table

app = typer.Typer(help="Events that are not ours.", no_args_is_help=True)
COLUMNS = ("event", "topic", "partition", "offset", "key", "type", "handled by")


@app.callback()
def group() -> None:
    """Keeps `withdraw` a command of its own name."""


@app.command()
def withdraw(
    events: Annotated[list[UUID] | None, typer.Argument(help="Ids, as reconcile names them.")] = None,
    *,
    foreign_ones: Annotated[
        bool, typer.Option("--foreign", help="All there are that no outbox sent.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show them.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    anywhere: Annotated[bool, typer.Option(help="Also on servers that are not the local stack.")] = False,
) -> None:
    """Take back what foreign events did in every service, and hear again what is true.

    The workers may run. The records stay on their topics and are excused by reconcile from then on.
    """
    if bool(events) == foreign_ones:
        raise typer.BadParameter("name the events, or say --foreign: one of the two")
    addresses = given_addresses()
    if not dry_run:
        insist_on_local(addresses, anywhere=anywhere)
    try:
        found = asyncio.run(foreign.find(addresses, events))
        show_table(COLUMNS, map(_row, found), "There are none.")
        if dry_run or not found:
            return
        confirm("Take back what these did?", yes=yes)
        for done in asyncio.run(foreign.withdraw(addresses, found)):
            print(f"{done.service}: {done.given_up} taken back, {done.told_again} true ones heard again.")
    except (UnreachableError, NotForeignError) as error:
        raise fail(str(error)) from error
    print("See that all is well with: leadloop reconcile")


def _row(one: Found) -> tuple[object, ...]:
    event = one.event
    place = (event.topic, event.partition, event.offset)
    return (event.id, *place, event.key, event.type, ", ".join(one.handled_by))
