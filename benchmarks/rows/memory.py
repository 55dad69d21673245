"""What every Python process needs at full load, and a million pending events drained."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import asyncpg

from benchmarks import seeds
from benchmarks.figures import Effort, Goal, Report, Spread, lines_of
from benchmarks.house import House, open_house
from benchmarks.processes import peak_megabytes
from benchmarks.rows.relayed import stage
from benchmarks.samples import lead_qualified

NAME = "memory"
TITLE = "Memory at full load, and a million pending events"
KINDS = 1000  # events staged as the services do; the others are copies of them with keys of their own
COPY = """
WITH copies AS (
    INSERT INTO outbox (event_id, topic, key, type, version, data)
    SELECT gen_random_uuid(), topic, gen_random_uuid()::text, type, version, data
    FROM (SELECT * FROM outbox ORDER BY id LIMIT 1000) AS kinds, generate_series(1, $1)
    RETURNING id, created_at
)
INSERT INTO outbox_pending (id, created_at) SELECT id, created_at FROM copies
"""
WAITING = """
SELECT (SELECT count(*) FROM deliveries WHERE state = 'pending') + (SELECT count(*) FROM outbox_pending)
"""
Run = Mapping[str, float]


async def measure(effort: Effort) -> Report:
    """The API at 64 connections with every worker behind it; then the relay with a long backlog."""
    pending = 10 * effort.events // KINDS * KINDS
    report = Report(
        NAME,
        TITLE,
        f"The form door at {effort.connections} connections for {2 * effort.seconds:g} s with the three "
        f"workers behind it, and on until nothing waits; then the relay drains {pending:,} pending events.",
    )
    with open_house(effort.profile_into) as house:
        await house.migrate("marketing", "handoff", "sales")
        await house.make_topics()
        peaks = await _load(house, effort)
        house.stop_programs()
        drained = await _drain(house, pending)
    report.lines = lines_of({name: [{"peak MB": peak}] for name, peak in peaks.items()})
    report.lines += lines_of({f"relay alone, {pending:,} pending": [drained]})
    highest = max(*peaks.values(), drained["peak MB"])
    flat = drained["last tenth/s"] / drained["first tenth/s"]
    report.goals = [
        Goal("the largest Python process in MB", Spread.of([highest]), at_most=250),
        Goal("speed of the last tenth, times that of the first", Spread.of([flat]), at_least=0.8),
    ]
    return report


async def _load(house: House, effort: Effort) -> dict[str, float]:
    door = await seeds.open_form(house)
    await seeds.hire(house)
    children = {
        f"{service} worker": house.start(service, "worker") for service in ("handoff", "sales", "marketing")
    }
    children["marketing API"] = house.start("marketing", "api")
    words = str(door.port), door.path, str(effort.connections), str(2 * effort.seconds), "0"
    house.run("load", "benchmarks.load.closed_loop", *words).wait(2 * effort.seconds + 60)
    await _quiet(house)
    return {name: peak_megabytes(child.pid) for name, child in children.items()}


async def _quiet(house: House) -> None:
    """Wait until no form, no event and no offer is on its way."""
    given_up = time.perf_counter() + 180
    connection: Any = await asyncpg.connect(house.database("marketing"))
    while left := await connection.fetchval(WAITING):
        if time.perf_counter() > given_up:
            raise RuntimeError(f"{left} forms and events still wait.")
        await asyncio.sleep(0.2)
    await connection.close()


async def _drain(house: House, pending: int) -> dict[str, float]:
    url = house.database("sales")
    await stage(url, [lead_qualified(number) for number in range(KINDS)])
    connection: Any = await asyncpg.connect(url)
    await connection.execute("SET statement_timeout = 0")
    left = pending // KINDS - 1
    while left:
        some = min(left, 100)
        await connection.execute(COPY, some, timeout=300)
        left -= some
    await connection.execute("VACUUM ANALYZE outbox_pending", timeout=300)
    await connection.close()
    environment = {"DATABASE_URL": url, "KAFKA_BOOTSTRAP": house.kafka}
    found = house.run("relay", "benchmarks.subjects.relay", str(pending), environment=environment).wait(600)
    return {
        "events/s": pending / found["seconds"],
        "first tenth/s": found["first_tenth"],
        "last tenth/s": found["last_tenth"],
        "peak MB": found["peak_megabytes"],
    }
