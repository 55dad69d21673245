"""A service's database for the length of one command, and errors as one line instead of a traceback."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable
from enum import StrEnum
from importlib import import_module
from typing import Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from deploy.ops.commands.operators import setting
from shared.database.sessions import Sessions, create_engine, create_sessions
from shared.errors import ProblemError
from shared.messaging.subscriptions import Subscriptions

Answer = TypeVar("Answer")
console = Console(highlight=False, markup=False, soft_wrap=True)


class Service(StrEnum):
    """Whose database."""

    MARKETING = "marketing"
    HANDOFF = "handoff"
    SALES = "sales"


def ask(service: Service, work: Callable[[Sessions], Awaitable[Answer]]) -> Answer:
    """Run `work` on the service's database; what a caller can mend ends the program in one line."""

    async def run() -> Answer:
        engine = create_engine(
            setting(f"{service.upper()}_DATABASE_URL"), pool_size=1, application="leadloop-operator"
        )
        try:
            return await work(create_sessions(engine))
        finally:
            await engine.dispose()

    try:
        return asyncio.run(run())
    except ProblemError as error:
        raise fail(error.detail) from error
    except (OSError, TimeoutError) as error:
        raise fail(f"the database of {service} does not answer: {error}") from error


def fail(text: str) -> typer.Exit:
    print(f"leadloop: {text}", file=sys.stderr)
    return typer.Exit(1)


def subscriptions_of(service: Service) -> Subscriptions:
    """What the service listens to, with its handlers."""
    found: Subscriptions = import_module(f"services.{service}.subscriptions").subscriptions
    return found


def show_table(columns: Iterable[str], rows: Iterable[Iterable[Any]], empty: str) -> None:
    """Rows under their names; `empty` says so when there are none."""
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    console.print(table if table.row_count else empty)


def show_record(record: dict[str, Any]) -> None:
    """One thing, a field per line; bytes as text where they are."""
    for name, value in record.items():
        shown = value.decode(errors="replace") if isinstance(value, bytes) else value
        console.print(f"{name:12} {'' if shown is None else shown}")
