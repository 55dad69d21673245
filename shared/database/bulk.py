"""Set-based writes by name: many rows in one statement, made from the table's model once, at import.

    SAVE = bulk.insert(Lead, LeadRow, on_conflict=bulk.replace("id"), constants=("updated_at",))
    await SAVE(connection, rows, updated_at=now)

A row is a dataclass or a named tuple whose fields are columns of the table. Each column travels as one
array, and all of a row's values are taken at once, so no row can shift another's.
"""

import dataclasses
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Generic

import asyncpg
from sqlalchemy import Table

from shared.database.columns import R, Rows, quoted, sent_as
from shared.database.sessions import Driver

__all__ = ["Rows", "Statement", "Write", "free_shard", "insert", "keep", "replace", "together", "update"]
SHARDS = 16


class Statement:
    """SQL whose parameters have names: `{name}` is a relation of rows, or one value of the type given.

    Nothing is sent when there are parameters of rows and none has any.
    """

    def __init__(self, template: str, **parameters: Rows[Any] | str) -> None:
        self._parameters = parameters
        self._rows = [name for name, kind in parameters.items() if isinstance(kind, Rows)]
        texts: dict[str, str] = {}
        number = 1
        for name, kind in parameters.items():
            if isinstance(kind, Rows):
                texts[name] = kind.source(name, number)
                number += len(kind.names)
            else:
                texts[name] = f"${number}::{kind}"
                number += 1
        if unused := [name for name in parameters if f"{{{name}}}" not in template]:
            raise TypeError(f"The statement does not use {', '.join(unused)}.")
        self.sql = template.format(**texts)

    async def __call__(
        self, connection: Driver, *, timeout: float | None = None, **values: Any
    ) -> list[asyncpg.Record]:
        if values.keys() != self._parameters.keys():
            raise TypeError(f"Wanted are {', '.join(self._parameters)}; given are {', '.join(values)}.")
        if self._rows and not any(values[name] for name in self._rows):
            return []
        given: list[Any] = []
        for name, kind in self._parameters.items():
            if isinstance(kind, Rows):
                given += kind.columns(values[name])
            else:
                given.append(values[name])
        return await connection.fetch(self.sql, *given, timeout=timeout)


class Write(Generic[R]):
    """One INSERT or UPDATE of many rows. `constants` are columns with one value for all rows of a call."""

    def __init__(self, template: str, rows: Rows[R], constants: Collection[str]) -> None:
        self.template, self.rows = template, rows
        types = {name: sent_as(rows.table.c[name].type) for name in constants}
        self.constants = {name: cast or sent for name, (sent, cast, _) in types.items()}
        self._statement = Statement(template, rows=rows, **self.constants)
        self.sql = self._statement.sql

    async def __call__(
        self, connection: Driver, rows: Collection[R], *, timeout: float | None = None, **constants: Any
    ) -> list[asyncpg.Record]:
        """Write them; what RETURNING says of each one written."""
        return await self._statement(connection, timeout=timeout, rows=rows, **constants)


@dataclasses.dataclass(frozen=True, slots=True)
class OnConflict:
    """What becomes of a row that is there already. `updates` are SQL over `t` (the row) and `excluded`.

    `among` is the condition of a partial index.
    """

    key: tuple[str, ...]
    keeps: tuple[str, ...] | None = None  # None: every column
    where: str | None = None
    updates: Mapping[str, str] = dataclasses.field(default_factory=dict)
    among: str | None = None


def keep(*key: str, among: str | None = None) -> OnConflict:
    """The row that is there stays as it is."""
    return OnConflict(key, among=among)


def replace(
    *key: str,
    keeps: Sequence[str] = (),
    where: str | None = None,
    updates: Mapping[str, str] | None = None,
    **more: str,
) -> OnConflict:
    """The new values take the old ones' place, but for the columns it keeps and those with an expression."""
    return OnConflict(key, tuple(keeps), where, {**(updates or {}), **more})


def insert(
    table: Any,
    row: type[R],
    *,
    on_conflict: OnConflict | None = None,
    constants: Sequence[str] = (),
    computed: Mapping[str, str] | None = None,
    order_by: Sequence[str] = (),
    returning: Sequence[str] = (),
    only: Sequence[str] = (),
) -> Write[R]:
    """INSERT of rows. `computed` are columns by SQL over `x`, the row."""
    rows = Rows(table, row, only=only)
    values = _values(rows.names, constants, computed)
    _check(rows.table, [*values, *order_by, *returning])
    if missing := [c.name for c in rows.table.c if _is_needed(c) and c.name not in values]:
        raise TypeError(f"{rows.table.name} needs a value for {', '.join(missing)}.")
    template = (
        f"INSERT INTO {quoted(rows.table.name)} AS t ({_list(values)})\n"
        f"SELECT {', '.join(values.values())} FROM (SELECT * FROM {{rows}}) AS x"
    )
    if order_by:
        template += f" ORDER BY {_list(order_by, 'x.')}"
    if on_conflict is not None:
        template += "\n" + _conflict(rows.table, list(values), on_conflict)
    return Write(template + _returning(returning), rows, constants)


def update(
    table: Any,
    row: type[R],
    *,
    key: Sequence[str],
    constants: Sequence[str] = (),
    computed: Mapping[str, str] | None = None,
    where: str | None = None,
    returning: Sequence[str] = (),
    only: Sequence[str] = (),
) -> Write[R]:
    """UPDATE of the rows with these keys. `computed` and `where` are SQL over `t` (the table) and `x`."""
    rows = Rows(table, row, only=only)
    values = _values([name for name in rows.names if name not in key], constants, computed)
    _check(rows.table, [*values, *key, *returning])
    sets = ", ".join(f"{quoted(name)} = {value}" for name, value in values.items())
    same = [f"t.{quoted(name)} = x.{quoted(name)}" for name in key]
    template = (
        f"UPDATE {quoted(rows.table.name)} AS t SET {sets}\nFROM (SELECT * FROM {{rows}}) AS x "
        f"WHERE {' AND '.join([*same, *([where] if where else [])])}"
    )
    return Write(template + _returning(returning, "t."), rows, constants)


def together(**writes: Write[Any]) -> Statement:
    """Several writes as one statement, so one round trip; called with each one's rows by its name."""
    *before, last = [
        (name, write.template.replace("{rows}", f"{{{name}}}")) for name, write in writes.items()
    ]
    ctes = ",\n".join(f"{name}_written AS ({template})" for name, template in before)
    parameters: dict[str, Rows[Any] | str] = {name: write.rows for name, write in writes.items()}
    for write in writes.values():
        parameters.update(write.constants)
    return Statement(f"WITH {ctes}\n{last[1]}", **parameters)


def free_shard(sums: str) -> str:
    """SQL for the number of the first shard of these sums in which nobody else counts.

    So nobody waits for another's transaction to end. Should all be taken, one waits in the first after all.
    """
    return (
        f"(SELECT coalesce((SELECT n FROM generate_series(0, {SHARDS - 1}) AS n "
        f"WHERE pg_try_advisory_xact_lock(hashtext('{sums}'), n) LIMIT 1), 0))"
    )


def _values(
    names: Iterable[str], constants: Iterable[str], computed: Mapping[str, str] | None
) -> dict[str, str]:
    """What each column is written from."""
    by_name = {name: f"x.{quoted(name)}" for name in names}
    return {**by_name, **{name: f"{{{name}}}" for name in constants}, **(computed or {})}


def _is_needed(column: Any) -> bool:
    return not (column.nullable or column.server_default is not None or column.identity is not None)


def _check(table: Table, names: Iterable[str]) -> None:
    if unknown := [name for name in names if name not in table.c]:
        raise TypeError(f"{table.name} has no column {', '.join(unknown)}.")


def _conflict(table: Table, written: Sequence[str], rule: OnConflict) -> str:
    _check(table, [*rule.key, *(rule.keeps or ()), *rule.updates])
    target = f"ON CONFLICT ({_list(rule.key)})" if rule.key else "ON CONFLICT"
    target += f" WHERE {rule.among}" if rule.among else ""
    if rule.keeps is None:
        return f"{target} DO NOTHING"
    replaced = [name for name in written if name not in (*rule.key, *rule.keeps)]
    sets = {name: f"excluded.{quoted(name)}" for name in replaced} | dict(rule.updates)
    text = ", ".join(f"{quoted(name)} = {value}" for name, value in sets.items())
    return f"{target} DO UPDATE SET {text}" + (f" WHERE {rule.where}" if rule.where else "")


def _returning(names: Sequence[str], of: str = "t.") -> str:
    return f"\nRETURNING {_list(names, of)}" if names else ""


def _list(names: Iterable[str], of: str = "") -> str:
    return ", ".join(of + quoted(name) for name in names)
