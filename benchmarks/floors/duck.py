"""The same credits by DuckDB, in floats: `python -m benchmarks.floors.duck FOLDER`."""

import json
import sys
import time
from pathlib import Path

import duckdb

SPLIT = ", ".join(
    f"CASE WHEN place = 1 THEN {worth} ELSE 0 END::double, "
    f"CASE WHEN place = n THEN {worth} ELSE 0 END::double, {worth}::double / n AS {name}"
    for name, worth in (("amount_linear", "amount"), ("reporting", "amount"), ("deals", "1000000"))
)
AGAIN = f"""
CREATE OR REPLACE TABLE again AS
WITH journey AS (
    SELECT touch_id, amount, count(*) OVER (PARTITION BY deal_id) AS n,
           row_number() OVER (PARTITION BY deal_id ORDER BY occurred_at, touch_id) AS place
    FROM touches
)
SELECT touch_id, {SPLIT} FROM journey
"""


def main() -> None:
    database = duckdb.connect()
    began = time.perf_counter()
    database.execute(
        "CREATE TABLE touches AS SELECT * FROM read_csv(?)", [str(Path(sys.argv[1]) / "touches.csv")]
    )
    read = time.perf_counter() - began
    began, used = time.perf_counter(), time.process_time()
    database.execute(AGAIN)
    found = {
        "read s": read,
        "compute s": time.perf_counter() - began,
        "compute CPU s": time.process_time() - used,
    }
    [(cents, touches)] = database.execute("SELECT sum(amount_linear), count(*) FROM again").fetchall()
    print(json.dumps({**found, "touches": touches, "cents": cents}))


if __name__ == "__main__":
    main()
