"""`leadloop deliveries …`: what came in at the doors and waits, or could not be read."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import typer

from deploy.ops.commands.databases import Service, ask
from deploy.ops.terminal import fail, show_record, show_table
from services.marketing.capture.deliveries import queries, use_cases
from services.marketing.capture.deliveries.tables import Delivery
from shared.database.failures import Failure, failure_of
from shared.database.sessions import Sessions, driver
from shared.errors import NotFoundError

app = typer.Typer(help="Requests at the doors that wait, or could not be read.", no_args_is_help=True)
COLUMNS = ("id", "door", "state", "reason", "size", "attempts", "received at")
COUNTS = ("state", "door", "reason", "count", "oldest")
BITE = 1000
STATES = ("pending", "unreadable", "read", "repeat", "notice")


@app.command("list")
def show_all(
    state: Annotated[str | None, typer.Option(help=", ".join(STATES))] = None,
    reason: Annotated[str | None, typer.Option(help="Only those with this reason code.")] = None,
    older: Annotated[int, typer.Option(min=0, help="Only those received so many minutes ago.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
) -> None:
    """How many wait or were set aside, by door and reason; with a state, those in it, the oldest first."""
    if state is not None and state not in STATES:
        raise fail(f"state is one of {', '.join(STATES)}.")
    before = datetime.now(UTC) - timedelta(minutes=older)  # noqa: TID251 - the edge

    async def counted(sessions: Sessions) -> list[Any]:
        async with sessions() as session:
            return list(await queries.counts(session))

    async def listed(sessions: Sessions) -> list[Any]:
        query = queries.deliveries(state=state, reason=reason)
        if older:
            query = query.where(Delivery.received_at < before)
        async with sessions() as session:
            return list((await session.execute(query.order_by(Delivery.id).limit(limit))).all())

    if state is None and reason is None and not older:
        rows = [(*row[:4], _moment(row[4])) for row in ask(Service.MARKETING, counted)]
        show_table(COUNTS, rows, "Nothing waits, and nothing was set aside.")
        return
    lines = [
        (row.id, row.door, row.state, row.reason, row.size, row.attempts, _moment(row.received_at))
        for row in ask(Service.MARKETING, listed)
    ]
    show_table(COLUMNS, lines, "There is none of these.")


@app.command()
def show(
    delivery: UUID,
    body: Annotated[bool, typer.Option("--body", help="Also the body, as text.")] = False,
) -> None:
    """One delivery: where it came from, what became of it, how often it was tried."""

    async def work(sessions: Sessions) -> dict[str, Any]:
        async with sessions() as session:
            found = await queries.delivery(session, delivery)
        if found is None:
            raise NotFoundError("There is no delivery with this id.")
        row, raw, user_agent = found
        record = {column.key: getattr(row, column.key) for column in queries.DELIVERY_COLUMNS}
        return {**record, "user_agent": user_agent, **({"body": raw} if body else {})}

    show_record(ask(Service.MARKETING, work))


@app.command("set-aside")
def set_aside(
    delivery: UUID, reason: Annotated[str, typer.Option(help="Why, as a code; kept.")] = "set_aside"
) -> None:
    """Let nobody try a pending delivery any more, until `retry`."""

    async def work(sessions: Sessions) -> None:
        try:
            async with sessions.begin() as session:
                await use_cases.set_aside(session, delivery, reason)
        except Exception as error:
            if failure_of(error) is not Failure.BUSY:
                raise
            async with sessions() as session:
                held = await queries.holders(await driver(session))
            names = ", ".join(
                f"process {one['pid']} ({one['application_name']}, {one['state']}, {one['seconds']} s)"
                for one in held
            )
            raise fail(
                f"somebody works on it: {names or 'who has just ended'}. Try again; a process that does not "
                "end is ended by `SELECT pg_terminate_backend(…)`, and nothing of it is lost."
            ) from None

    ask(Service.MARKETING, work)
    print("Set aside; `leadloop deliveries retry` takes it up again.")


@app.command()
def retry(
    delivery: Annotated[UUID | None, typer.Argument()] = None,
    reason: Annotated[str | None, typer.Option(help="All that were set aside for this reason.")] = None,
) -> None:
    """Read again what was set aside: one delivery, or all with a reason."""
    if (delivery is None) == (reason is None):
        raise fail("name one delivery, or a --reason.")

    begun = datetime.now(UTC)  # noqa: TID251 - the edge: what is set aside from here on is not taken twice

    async def work(sessions: Sessions) -> int:
        if delivery is not None:
            async with sessions.begin() as session:
                await use_cases.replay_delivery(session, delivery)
            return 1
        done = 0
        while True:
            async with sessions.begin() as session:
                found = await use_cases.retry_set_aside(session, reason or "", before=begun, most=BITE)
            done += found
            if found < BITE:
                return done

    print(f"{ask(Service.MARKETING, work):,} are read again.")


def _moment(at: datetime | None) -> str | None:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else None
