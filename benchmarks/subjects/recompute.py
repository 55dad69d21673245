"""Every credit of a ledger again: read the touches, split every deal, write the ledger.

`python -m benchmarks.subjects.recompute FOLDER`, with DATABASE_URL; each part is timed by itself. What DuckDB
needs for the same is left in FOLDER.
"""

import asyncio
import json
import os
import sys
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import asyncpg

from services.marketing.attribution import rules
from services.marketing.attribution.rules import MODELS, ONE_DEAL
from shared import database

DEALS = """
SELECT d.deal_id::text, d.reporting_amount_minor, count(*) AS touches
FROM deals d, unnest(d.contact_ids) AS contact JOIN touches t ON t.contact_id = contact
WHERE t.occurred_at BETWEEN d.closed_at - interval '90 days' AND d.closed_at AND d.outcome = 'won'
GROUP BY 1, 2 ORDER BY 1
"""
TOUCHES = """
SELECT d.deal_id::text AS deal_id, t.id::text AS touch_id, t.occurred_at, d.reporting_amount_minor AS amount
FROM deals d, unnest(d.contact_ids) AS contact JOIN touches t ON t.contact_id = contact
WHERE t.occurred_at BETWEEN d.closed_at - interval '90 days' AND d.closed_at AND d.outcome = 'won'
"""
LEDGER = "CREATE TEMP TABLE again (touch_id uuid, amounts bigint[], reporting bigint[], deals_ppm bigint[])"


async def recompute(folder: Path) -> dict[str, float]:
    connection = await asyncpg.connect(database.driver_url(os.environ["DATABASE_URL"]))
    await connection.execute("SET statement_timeout = 0")
    began = time.perf_counter()
    deals = await connection.fetch(DEALS, timeout=300)
    touches = await connection.fetch(f"{TOUCHES} ORDER BY 1, 3, 2", timeout=300)
    read = time.perf_counter() - began
    worth = [row[1] for row in deals]
    numbers = [row[2] for row in deals]
    began, used = time.perf_counter(), time.process_time()
    columns = [
        rules.columns_of(totals, numbers, model)
        for totals in (worth, worth, [ONE_DEAL] * len(deals))
        for model in MODELS
    ]
    computed, cpu = time.perf_counter() - began, time.process_time() - used
    began = time.perf_counter()
    await _write(connection, [row[1] for row in touches], columns)
    written = time.perf_counter() - began
    await connection.copy_from_query(TOUCHES, output=folder / "touches.csv", format="csv", header=True)
    await connection.close()
    return {
        "read s": read,
        "compute s": computed,
        "compute CPU s": cpu,
        "write s": written,
        "touches": len(touches),
        "cents": sum(columns[2]),
    }


async def _write(connection: Any, touch_ids: list[str], columns: list[list[int]]) -> None:
    """As the product writes credits: COPY, in its text form."""
    await connection.execute(LEDGER)
    bite = 50_000
    for first in range(0, len(touch_ids), bite):
        part = zip(touch_ids[first : first + bite], *(column[first : first + bite] for column in columns))  # noqa: B905 - equally long
        lines = "".join(["%s\t{%d,%d,%d}\t{%d,%d,%d}\t{%d,%d,%d}\n" % row for row in part])  # noqa: UP031 - twice as fast
        await connection.copy_to_table("again", source=BytesIO(lines.encode()))


def main() -> None:
    print(json.dumps(asyncio.run(recompute(Path(sys.argv[1])))))


if __name__ == "__main__":
    main()
