"""Rows as the parameters of one statement: an array for each field, taken by name, all of a row at once."""

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Generic, TypeVar

import orjson
from sqlalchemy import ARRAY, JSON, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import String, TypeEngine

R = TypeVar("R")
_dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
quoted = _dialect.identifier_preparer.quote


class Rows(Generic[R]):
    """Rows as the parameters of a statement: one array for each field, and what PostgreSQL makes of them.

    `only` takes some of its fields and properties; `types` are those of fields that are no column. Raises
    TypeError for any other field.
    """

    def __init__(
        self, table: Any, row: type[R], *, only: Sequence[str] = (), types: Mapping[str, str] | None = None
    ) -> None:
        self.table: Table = getattr(table, "__table__", table)
        self.names = tuple(only or _fields_of(row))
        extra = types or {}
        if absent := [name for name in only if name not in _fields_of(row) and not hasattr(row, name)]:
            raise TypeError(f"{row.__name__} has no {', '.join(absent)}.")
        if unknown := [name for name in self.names if name not in extra and name not in self.table.c]:
            raise TypeError(
                f"{row.__name__} has {', '.join(unknown)}, but {self.table.name} has no such column."
            )
        found = [(extra[name], None, None) if name in extra else sent_as(self.table.c[name].type)
                 for name in self.names]  # fmt: skip
        self._arrays = [sent for sent, _, _ in found]
        self._casts = [cast for _, cast, _ in found]
        self._converters = [(n, convert) for n, (_, _, convert) in enumerate(found) if convert]
        self._values = _getter(self.names)

    def source(self, name: str, first: int) -> str:
        """What goes behind FROM: the rows as a relation of this name. Its parameters begin with `first`."""
        arrays = ", ".join(f"${first + n}::{sent}[]" for n, sent in enumerate(self._arrays))
        names = [quoted(column) for column in self.names]
        rows = f"unnest({arrays}) AS {name}({', '.join(names)})"
        if not self._converters:
            return rows
        cast = [f"{column}::{to} AS {column}" if to else column
                for column, to in zip(names, self._casts, strict=True)]  # fmt: skip
        return f"(SELECT {', '.join(cast)} FROM {rows}) AS {name}"

    def columns(self, rows: Iterable[R]) -> list[Sequence[object]]:
        """The arrays, in the order of their parameters."""
        columns: list[Sequence[object]] = list(zip(*map(self._values, rows), strict=True))
        if not columns:
            return [()] * len(self.names)
        for n, convert in self._converters:
            columns[n] = [None if value is None else convert(value) for value in columns[n]]
        return columns


def _fields_of(row: Any) -> tuple[str, ...]:
    """The fields of a dataclass, a named tuple or an event."""
    if dataclasses.is_dataclass(row):
        return tuple(field.name for field in dataclasses.fields(row))
    return tuple(row._fields if hasattr(row, "_fields") else row.model_fields)


def _getter(names: Sequence[str]) -> Callable[[Any], tuple[object, ...]]:
    several = attrgetter(*names)
    return several if len(names) > 1 else lambda row: (several(row),)


def sent_as(kind: TypeEngine[Any]) -> tuple[str, str | None, Callable[[Any], str] | None]:
    """The type a value is sent as, the one it is cast to, and what makes the text of it.

    No lengths: a cast to varchar(80) would cut without a word what an insert refuses. An array of arrays
    would be flattened by unnest, so lists travel as text, and so does JSON.
    """
    if isinstance(kind, ARRAY):
        element = sent_as(kind.item_type)[0]
        return (
            "text",
            f"{element}[]",
            _list_of_texts if isinstance(kind.item_type, String) else _list_of_plain,
        )
    if isinstance(kind, JSON):
        return "text", "jsonb", _json
    name = re.sub(r"\(.*?\)", "", kind.compile(_dialect)).lower()
    return ("text" if name == "varchar" else name), None, None


def _list_of_plain(values: Iterable[object]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


def _list_of_texts(values: Iterable[str]) -> str:
    escaped = [value.replace("\\", "\\\\").replace('"', '\\"') for value in values]
    return "{" + ",".join([f'"{value}"' for value in escaped]) + "}"


def _json(value: Any) -> str:
    return orjson.dumps(value, default=dict).decode()
