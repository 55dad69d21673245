"""What commands print, and how they end."""

import sys
from collections.abc import Iterable
from typing import Any

import typer
from rich.console import Console
from rich.table import Table


def console() -> Console:
    """Standard output, as wide as it is now."""
    return Console(highlight=False, markup=False, soft_wrap=True)


def fail(text: str) -> typer.Exit:
    print(f"leadloop: {text}", file=sys.stderr)
    return typer.Exit(1)


def show_table(columns: Iterable[str], rows: Iterable[Iterable[Any]], empty: str) -> None:
    """Rows under their names; `empty` says so when there are none."""
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    console().print(table if table.row_count else empty)


def show_record(record: dict[str, Any]) -> None:
    """One thing, a field per line; bytes as text where they are."""
    out = console()
    for name, value in record.items():
        shown = value.decode(errors="replace") if isinstance(value, bytes) else value
        out.print(f"{name:12} {'' if shown is None else shown}")


def confirm(question: str, *, yes: bool) -> None:
    """Go on only when somebody says so."""
    if not yes and not typer.confirm(question):
        print("Nothing was changed.")
        raise typer.Exit(1)
