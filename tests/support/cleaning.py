"""A database as its migrations left it: looked at once, and brought back to it after each test."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import asyncpg

# What a test may change of a shape: tables, columns, rights, checks, triggers, functions, settings.
SHAPE = """
SELECT md5(string_agg(line, '|' ORDER BY line)) FROM (
    SELECT concat_ws(' ', 'class', relname, relkind, relowner, relacl, reloptions, relispartition)
    FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT concat_ws(' ', 'column', attrelid::regclass, attname, atttypid, attnotnull, attisdropped, attacl)
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace AND attnum > 0
    UNION ALL
    SELECT concat_ws(' ', 'default', adrelid::regclass, adnum, pg_get_expr(adbin, adrelid)) FROM pg_attrdef
    UNION ALL
    SELECT concat_ws(' ', 'check', conrelid::regclass, conname, convalidated) FROM pg_constraint
    UNION ALL
    SELECT concat_ws(' ', 'trigger', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger
    WHERE NOT tgisinternal
    UNION ALL
    SELECT concat_ws(' ', 'function', proname, md5(prosrc)) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
    UNION ALL
    SELECT concat_ws(' ', 'schema', nspname, nspacl) FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp'
    UNION ALL
    SELECT concat_ws(' ', 'set', setrole, setconfig) FROM pg_db_role_setting s
    JOIN pg_database d ON d.oid = s.setdatabase WHERE d.datname = current_database()
) AS lines (line)
"""
TABLES = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname
"""
# Where each sequence stands; None where it was never used.
SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"
RESTART = """
SELECT setval(format('public.%I', name)::regclass, coalesce(last, 1), last IS NOT NULL)
FROM unnest($1::text[], $2::bigint[]) AS x (name, last)
"""
ALONE = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def _filled(tables: Sequence[str]) -> str:
    return " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM \"{name}\")" for name in tables)


def _rows(tables: Sequence[str]) -> str:
    """A digest of each table's rows."""
    return " UNION ALL ".join(
        f"SELECT '{name}', md5(string_agg(t::text, '|' ORDER BY t::text)) FROM \"{name}\" t"
        for name in tables
    )


async def _pairs(connection: "asyncpg.Connection[asyncpg.Record]", sql: str) -> dict[str, Any]:
    return {row[0]: row[1] for row in await connection.fetch(sql)}


@dataclass(frozen=True, slots=True)
class Pristine:
    """What a service's database is like before a test."""

    shape: str
    tables: tuple[str, ...]
    seeds: dict[str, bytes]  # rows that migrations write, by table, in COPY's binary format
    digests: dict[str, str]
    sequences: dict[str, int | None]

    @classmethod
    async def of(cls, connection: "asyncpg.Connection[asyncpg.Record]") -> "Pristine":
        tables = tuple(row[0] for row in await connection.fetch(TABLES))
        seeds = {}
        for (name,) in await connection.fetch(_filled(tables)):
            content = BytesIO()
            await connection.copy_from_table(name, output=content, format="binary")
            seeds[name] = content.getvalue()
        digests = await _pairs(connection, _rows(tuple(seeds)))
        sequences = await _pairs(connection, SEQUENCES)
        return cls(await connection.fetchval(SHAPE), tables, seeds, digests, sequences)

    async def restore(self, connection: "asyncpg.Connection[asyncpg.Record]") -> bool:
        """Take everybody else off, and put the rows back. False when its shape is another one now."""
        await connection.execute(ALONE)
        if await connection.fetchval(SHAPE) != self.shape:
            return False
        filled = {row[0] for row in await connection.fetch(_filled(self.tables))} - self.seeds.keys()
        filled |= set(await self._changed(connection))
        async with connection.transaction():
            await connection.execute(
                "SET LOCAL session_replication_role = replica"
            )  # no key stands in the way
            if filled:
                names = ", ".join(f'"{name}"' for name in sorted(filled))
                await connection.execute(f"TRUNCATE {names} CASCADE")
            for name in await self._changed(connection):
                await connection.copy_to_table(name, source=BytesIO(self.seeds[name]), format="binary")
            moved = (await _pairs(connection, SEQUENCES)).items() - self.sequences.items()
            back = [name for name, _ in moved]
            await connection.execute(RESTART, back, [self.sequences[name] for name in back])
        return True

    async def _changed(self, connection: "asyncpg.Connection[asyncpg.Record]") -> list[str]:
        """Tables whose rows are not those that the migrations wrote."""
        found = await _pairs(connection, _rows(tuple(self.seeds)))
        return [name for name, digest in self.digests.items() if found[name] != digest]
