"""The rows of an intake that has happened, inserted again elsewhere by one bare `unnest` per table and batch.

`python -m benchmarks.floors.bare_intake EVENTS RUN`, with SOURCE_URL (what our intake wrote, RUN runs of
EVENTS before this one included) and DATABASE_URL (the same tables with the same indexes, emptied here).
Nothing is read, decided or looked up while the clock runs, and the companies are there already.
"""

import asyncio
import json
import os
import sys
import time
from dataclasses import dataclass

import asyncpg

BATCH = 500
# In an order that references allow.
TABLES = (
    "contacts", "contact_keys", "touches", "leads", "lead_cycles", "lifecycle_log", "outbox",
    "outbox_pending", "submissions",
)  # fmt: skip
COLUMNS = """
SELECT a.attname, format_type(a.atttypid, NULL) FROM pg_attribute a
WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""


@dataclass(frozen=True)
class Rows:
    """What goes into one table: its statement, and its columns as arrays."""

    statement: str
    columns: list[list[object]]

    def part(self, number: int, parts: int) -> list[list[object]]:
        """The columns of one batch."""
        size = len(self.columns[0])
        first, end = size * number // parts, size * (number + 1) // parts
        return [column[first:end] for column in self.columns]


async def rows_of(source: asyncpg.Connection, table: str, run: int) -> Rows:
    """The rows the last of `run + 1` equal runs added to a table."""
    named = [(row[0], row[1]) for row in await source.fetch(COLUMNS, table)]
    # unnest would flatten arrays of arrays, and the driver knows no bytes of jsonb: both travel as text.
    shown = [f"{name}::text" if _travels_as_text(kind) else name for name, kind in named]
    kinds = ["text" if _travels_as_text(kind) else kind for _, kind in named]
    order = "id" if "id" in dict(named) else "ctid"
    total = await source.fetchval(f"SELECT count(*) FROM {table}")
    found = await source.fetch(
        f"SELECT {', '.join(shown)} FROM {table} ORDER BY {order} OFFSET {total * run // (run + 1)}"
    )
    values = ", ".join(f"x.{name}::{kind}" if _travels_as_text(kind) else f"x.{name}" for name, kind in named)
    names = ", ".join(name for name, _ in named)
    arrays = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(kinds, start=1))
    statement = f"INSERT INTO {table} ({names}) SELECT {values} FROM unnest({arrays}) AS x({names})"
    return Rows(statement, [[row[place] for row in found] for place in range(len(named))])


def _travels_as_text(kind: str) -> bool:
    return kind == "jsonb" or kind.endswith("[]")


async def insert_all(events: int, run: int) -> dict[str, float]:
    source = await asyncpg.connect(os.environ["SOURCE_URL"])
    companies = await rows_of(source, "companies", 0)
    tables = [await rows_of(source, table, run) for table in TABLES]
    await source.close()
    connection = await asyncpg.connect(os.environ["DATABASE_URL"])
    await connection.execute(f"TRUNCATE companies, {', '.join(TABLES)} CASCADE")
    await connection.execute(companies.statement, *companies.columns)
    batches = max(events // BATCH, 1)
    began, used = time.perf_counter(), time.process_time()
    for number in range(batches):
        async with connection.transaction():
            for rows in tables:
                await connection.execute(rows.statement, *rows.part(number, batches))
    found = {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - used}
    await connection.close()
    return found


def main() -> None:
    events, run = sys.argv[1:]
    print(json.dumps(asyncio.run(insert_all(int(events), int(run)))))


if __name__ == "__main__":
    main()
