"""Every credit of a ledger again: read the touches, split every deal, write the ledger.

`python -m benchmarks.subjects.recompute FOLDER`, with DATABASE_URL; each part is timed by itself. What DuckDB
needs for the same is left in FOLDER.
"""

import asyncio
import gc
import json
import os
import sys
import time
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import asyncpg

from services.marketing.people.touches.rules import TouchPoint
from services.marketing.revenue.attribution import rules
from services.marketing.revenue.attribution.rules import MODELS, ONE_DEAL, Shares, Worth

TOUCHES = """
SELECT d.deal_id::text AS deal_id, t.id AS touch_id, t.occurred_at, d.reporting_amount_minor AS amount
FROM deals d, unnest(d.contact_ids) AS contact JOIN touches t ON t.contact_id = contact
WHERE t.occurred_at BETWEEN d.closed_at - interval '90 days' AND d.closed_at AND d.outcome = 'won'
"""
LEDGER = "CREATE TEMP TABLE again (touch_id uuid, amounts bigint[], reporting bigint[], deals_ppm bigint[])"
ROW = "%s\t{%d,%d,%d}\t{%d,%d,%d}\t{%d,%d,%d}\n"  # three models; twice as fast as format()
BATCH = 5_000  # deals at a time
LINEAR = tuple(MODELS).index("linear")


async def recompute(folder: Path) -> dict[str, float]:
    connection = await asyncpg.connect(os.environ["DATABASE_URL"])
    await connection.execute("SET statement_timeout = 0")
    began = time.perf_counter()
    journeys = _journeys(await connection.fetch(f"{TOUCHES} ORDER BY 1, 3, 2", timeout=300))
    read = time.perf_counter() - began
    gc.freeze()  # the product holds a batch of journeys, never all: the collector need not go through them
    await connection.execute(LEDGER)
    computed = cpu = written = 0.0
    cents = 0
    for number in range(0, len(journeys), BATCH):
        batch = journeys[number : number + BATCH]
        began, used = time.perf_counter(), time.process_time()
        shares = [
            rules.shares_of(Worth(amount, amount, ONE_DEAL), rules.weights_of(journey, tuple(MODELS)))
            for amount, journey in batch
        ]
        computed, cpu = computed + time.perf_counter() - began, cpu + time.process_time() - used
        began = time.perf_counter()
        await _write(connection, batch, shares)
        written += time.perf_counter() - began
        cents += sum(has.amounts[LINEAR] for each in shares for has in each)
    await connection.copy_from_query(TOUCHES, output=folder / "touches.csv", format="csv", header=True)
    await connection.close()
    return {
        "read s": read,
        "compute s": computed,
        "compute CPU s": cpu,
        "write s": written,
        "touches": sum(len(journey) for _, journey in journeys),
        "cents": cents,
    }


def _journeys(rows: Sequence[asyncpg.Record]) -> list[tuple[int, list[TouchPoint]]]:
    """What each deal is worth, and its touches in time order."""
    found: dict[str, tuple[int, list[TouchPoint]]] = {}
    for deal_id, touch_id, occurred_at, amount in rows:
        point = TouchPoint(touch_id, None, "", None, occurred_at)
        found.setdefault(deal_id, (amount, []))[1].append(point)
    return list(found.values())


async def _write(
    connection: Any, journeys: Sequence[tuple[int, list[TouchPoint]]], shares: Sequence[list[Shares]]
) -> None:
    """As the product writes credits: COPY, in its text form."""
    lines = [
        ROW % (touch.id, *has.amounts, *has.reporting, *has.deals_ppm)
        for (_, journey), each in zip(journeys, shares, strict=True)
        for touch, has in zip(journey, each, strict=True)
    ]
    await connection.copy_to_table("again", source=BytesIO("".join(lines).encode()))


def main() -> None:
    print(json.dumps(asyncio.run(recompute(Path(sys.argv[1])))))


if __name__ == "__main__":
    main()
