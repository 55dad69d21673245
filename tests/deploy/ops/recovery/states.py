"""What a service has decided and kept, as one digest: two runs that end alike have the same."""

import hashlib

import asyncpg

from tests.support.loop import Loop

# How events travelled, which may differ: where in the log they were read, and how far.
OF_THE_WAY = ("inbox", "consumer_offsets", "outbox_pending")


async def state_of(loop: Loop, service: str) -> dict[str, str]:
    """A digest of every table that says something, by its name."""
    connection = await asyncpg.connect(loop.databases[service])
    try:
        tables = await connection.fetch(
            "SELECT relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = 'public' AND relkind IN ('r', 'p') AND NOT relispartition"
        )
        found = {}
        for table in tables:
            if table["name"] in OF_THE_WAY:
                continue
            rows = await connection.fetch(f'SELECT t::text AS line FROM "{table["name"]}" t ORDER BY 1')
            found[table["name"]] = hashlib.sha256("\n".join(row["line"] for row in rows).encode()).hexdigest()
        return found
    finally:
        await connection.close()


async def states_of(loop: Loop) -> dict[str, dict[str, str]]:
    return {service: await state_of(loop, service) for service in loop.databases}
