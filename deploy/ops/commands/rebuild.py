"""`leadloop rebuild`: Kafka was lost, or a service was restored; the outbox logs are sent again."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime, time
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from deploy.ops.addresses import Addresses, given_addresses, insist_on_local
from deploy.ops.commands.databases import Service
from deploy.ops.reconcile.servers import UnreachableError
from deploy.ops.recovery.rebuild import Plan, RebuildRefusedError, carry_out, nobody_sends, plan, still_queued
from deploy.ops.terminal import confirm, fail, show_table

LOOK_EVERY = 0.5


def rebuild(
    since: Annotated[str, typer.Option("--from", help="A day, or a moment in UTC: 2026-03-01T08:00.")],
    service: Annotated[list[Service] | None, typer.Option(help="Only this one's log. Repeatable.")] = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    anywhere: Annotated[bool, typer.Option(help="Also on servers that are not the local stack.")] = False,
    while_running: Annotated[
        bool, typer.Option(help="Leave the workers alone: for logs of others, after a service was restored.")
    ] = False,
    wait: Annotated[bool, typer.Option(help="Watch until everything has left.")] = True,
) -> None:
    """Send the outbox logs again, from a moment on. Topics that are missing are made; nobody handles twice.

    Says first what it will change. On the local stack it stops the workers meanwhile and starts them again;
    elsewhere they have to be stopped.
    """
    moment = _moment(since)
    addresses = given_addresses()
    local = insist_on_local(addresses, anywhere=anywhere)
    try:
        planned = asyncio.run(plan(addresses, [*(service or list(Service))], moment))
        _show(planned)
        if while_running and planned.missing_topics:
            raise fail("topics are missing, so the workers can't go on meanwhile: leave out --while-running.")
        confirm("Send these events again?", yes=yes)
        with _workers_stopped() if local and not while_running else nullcontext():
            asyncio.run(_carry_out(addresses, planned, while_running=while_running))
        if wait:
            asyncio.run(_watch(addresses))
    except (UnreachableError, RebuildRefusedError) as error:
        raise fail(str(error)) from error
    except KeyboardInterrupt:
        print("\nStopped watching. What is in the queue leaves all the same: leadloop outbox list")
        raise typer.Exit(130) from None


async def _carry_out(addresses: Addresses, planned: Plan, *, while_running: bool) -> None:
    async with nullcontext() if while_running else nobody_sends(addresses):
        queued = await carry_out(addresses, planned)
    for service, events in queued.items():
        print(f"{service}: {events:,} events are in the queue again.")
    if planned.missing_topics:
        print(f"{len(planned.missing_topics)} topics were made.")


async def _watch(addresses: Addresses) -> None:
    total = left = await still_queued(addresses)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("leaving", total=total)
        while left:
            await asyncio.sleep(LOOK_EVERY)
            left = await still_queued(addresses)
            bar.update(task, completed=max(0, total - left))
    print("Everything has left. See that all is well with: leadloop reconcile")


def _show(planned: Plan) -> None:
    rows = [
        (part.service, f"{part.events:,}", part.log_begins and f"{part.log_begins:%Y-%m-%d %H:%M}")
        for part in planned.parts
    ]
    show_table(("service", "events to send again", "its log begins"), rows, "")
    for part in planned.parts:
        if part.log_begins is None or part.log_begins > planned.since:
            print(
                f"{part.service}'s log does not go back to {planned.since:%Y-%m-%d %H:%M}: see its beginning."
            )
    if planned.missing_topics:
        print(f"Topics to be made: {', '.join(planned.missing_topics)}")


@contextmanager
def _workers_stopped() -> Iterator[None]:
    from deploy.local.stack.layout import layout  # noqa: PLC0415 - the image has no supervisor
    from deploy.local.stack.supervision import Supervisor  # noqa: PLC0415 - as above

    supervisor = Supervisor(layout())
    workers = [one for one in supervisor.processes() if one.name.endswith("-worker")]
    print("Stopping the workers …")
    for one in workers:
        supervisor.stop_process(one)
    try:
        yield
    finally:
        for one in workers:
            supervisor.start_process(one)
        print("The workers run again.")


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        try:
            found = datetime.combine(date.fromisoformat(text), time.min)
        except ValueError:
            raise typer.BadParameter(f"{text!r} is no day and no moment, like 2026-03-01T08:00") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
