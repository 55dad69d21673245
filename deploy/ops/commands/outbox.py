"""`leadloop outbox …`: events that have not left for Kafka, above all those it would not take."""

from typing import Annotated

import typer

from deploy.ops.commands.databases import Service, ask
from deploy.ops.terminal import show_record, show_table
from shared.database.sessions import Sessions
from shared.messaging import repairs

app = typer.Typer(help="Events that have not left yet.", no_args_is_help=True)
COLUMNS = ("service", "state", "id", "topic", "key", "type", "version", "staged at", "error")


@app.command("list")
def show_all(
    service: Annotated[Service | None, typer.Argument()] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
) -> None:
    """What waits to be sent in one service's outbox, or in all: parked events first."""

    async def work(sessions: Sessions) -> list[repairs.Row]:
        async with sessions() as session:
            return await repairs.outbox_waiting(session, limit=limit)

    rows = [
        (
            name,
            *(row[column] for column in ("state", "id", "topic", "key", "type", "version")),
            f"{row['created_at']:%Y-%m-%d %H:%M:%S}",
            row["error"],
        )
        for name in ([service] if service else list(Service))
        for row in ask(name, work)
    ]
    show_table(COLUMNS, rows, "Everything has left.")


@app.command()
def show(service: Service, row: int) -> None:
    """One event of the outbox log, sent or not, with its data."""
    show_record(ask(service, lambda sessions: _event(sessions, row)))


@app.command()
def retry(service: Service, row: int) -> None:
    """Send a parked event again, and what is parked behind it on its key, in order."""

    async def work(sessions: Sessions) -> int:
        event = await _event(sessions, row)
        return await repairs.resend_key(sessions, event["topic"], event["key"])

    print(f"{ask(service, work)} events are in the queue again.")


@app.command("retry-key")
def retry_key(service: Service, topic: str, key: str) -> None:
    """Send everything parked on a key again, in order."""
    count = ask(service, lambda sessions: repairs.resend_key(sessions, topic, key))
    print(f"{count} events are in the queue again.")


@app.command()
def republish(service: Service, topic: str, key: str) -> None:
    """Send everything the log has of a key again, in order. Who has handled it ignores it."""
    count = ask(service, lambda sessions: repairs.republish_key(sessions, topic, key))
    print(f"{count} events are in the queue again.")


@app.command()
def discard(service: Service, row: int, reason: Annotated[str, typer.Option(help="Why; kept.")]) -> None:
    """Never send a parked event. Readers will see a gap in its key's versions."""
    ask(service, lambda sessions: repairs.discard_outgoing(sessions, row, reason=reason))
    print("Discarded.")


async def _event(sessions: Sessions, row: int) -> repairs.Row:
    async with sessions() as session:
        return await repairs.outbox_event(session, row)
