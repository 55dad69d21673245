"""`leadloop parked …`: events a consumer could not handle, and what waits behind them on their keys."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

import typer

from deploy.ops.commands.databases import Service, ask, subscriptions_of
from deploy.ops.terminal import fail, show_record, show_table
from shared.database.sessions import Sessions
from shared.errors import ProblemError
from shared.messaging import repairs

app = typer.Typer(help="Events that could not be handled.", no_args_is_help=True)
COLUMNS = ("service", "event", "topic", "key", "type", "reason", "tries", "parked at", "note")


@app.command("list")
def show_all(
    service: Annotated[Service | None, typer.Argument()] = None,
    state: Annotated[str, typer.Option(help="parked, handled or discarded")] = "parked",
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
) -> None:
    """The parked events of one service, or of all."""

    async def work(sessions: Sessions) -> list[repairs.Row]:
        async with sessions() as session:
            return await repairs.parked_events(session, state=state, limit=limit)

    rows = [
        (
            name,
            *(row[column] for column in ("event_id", "topic", "key", "type", "reason", "attempts")),
            f"{row['parked_at']:%Y-%m-%d %H:%M:%S}",
            row["note"],
        )
        for name in ([service] if service else list(Service))
        for row in ask(name, work)
    ]
    show_table(COLUMNS, rows, f"Nothing is {state}.")


@app.command()
def show(service: Service, event: UUID) -> None:
    """One parked event with its data and the error."""

    async def work(sessions: Sessions) -> repairs.Row:
        async with sessions() as session:
            return await repairs.parked_event(session, event)

    show_record(ask(service, work))


@app.command()
def retry(service: Service, event: UUID) -> None:
    """Handle one parked event again, when nothing of its key waits in front of it."""
    count = _again(service, lambda sessions: repairs.retry_event(sessions, subscriptions_of(service), event))
    print(f"{count} event handled; `retry-key` takes what waits behind it.")


@app.command("retry-key")
def retry_key(service: Service, topic: str, key: str) -> None:
    """Handle everything that waits on a key, in order."""
    subscriptions = subscriptions_of(service)
    count = _again(service, lambda sessions: repairs.retry_key(sessions, subscriptions, topic, key))
    print(f"{count} events handled, in order.")


@app.command()
def discard(service: Service, event: UUID, reason: Annotated[str, typer.Option(help="Why; kept.")]) -> None:
    """Give up on one parked event. What waits behind it goes on waiting for `retry-key`."""
    ask(service, lambda sessions: repairs.discard_event(sessions, event, reason=reason))
    print("Discarded.")


def _again(service: Service, work: Callable[[Sessions], Awaitable[int]]) -> int:
    try:
        return ask(service, work)
    except (typer.Exit, ProblemError):
        raise
    except Exception as error:  # whatever a handler raises is the operator's answer
        raise fail(f"it failed again, and nothing was changed: {type(error).__name__}: {error}") from error
