"""The whole loop as events: stored forms to credited deals through all three services, on one machine."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import asyncpg

from benchmarks import feeds, seeds
from benchmarks.figures import Effort, Goal, Report, lines_of, ratio
from benchmarks.house import House, open_house
from benchmarks.processes import peak_megabytes, processor_time

NAME = "loop"
TITLE = "The whole loop as events"
OURS = "stored form, lead, LeadQualified, offer, LeadAccepted, deal, DealClosed, credits, in three databases"
ALONE = "the slowest part alone: the intake, nothing else running but PostgreSQL"
PATIENCE = 180.0
TOOK = """
SELECT (SELECT extract(epoch FROM max(recorded_at)) FROM (SELECT recorded_at FROM credit_sets
        ORDER BY recorded_at DESC LIMIT $1) AS last)
     - (SELECT extract(epoch FROM min(settled_at)) FROM (SELECT settled_at FROM submissions
        ORDER BY settled_at DESC LIMIT $1) AS last)
"""
Run = Mapping[str, float]


async def measure(effort: Effort) -> Report:
    """A backlog of forms goes all the way; in turns with the intake alone on another database."""
    count = max(effort.events // 10, 500)
    report = Report(
        NAME,
        TITLE,
        f"{count:,} stored forms of new people; three workers, both servers and the stand-in for reps and "
        "customers (who accept and sign by event) share the cores. From the first lead made to the last deal "
        "credited, by the database's clock.",
    )
    samples: dict[str, list[Run]] = {OURS: [], ALONE: []}
    with open_house(effort.profile_into) as house:
        await house.migrate("marketing", "handoff", "sales")
        await house.make_topics()
        await seeds.open_form(house)
        await seeds.hire(house)
        for repeat in range(effort.repeats):
            samples[OURS].append(await _around(house, repeat, count))
    with open_house(effort.profile_into, kafka=False) as house:
        await house.migrate("marketing")
        await seeds.open_form(house)
        for repeat in range(effort.repeats):
            await feeds.post_forms(house, range(repeat * (count + 500), (repeat + 1) * (count + 500)))
            environment = {"DATABASE_URL": house.database("marketing")}
            found = house.run("intake", "benchmarks.subjects.intake", "500", environment=environment).wait(
                300
            )
            samples[ALONE].append({"leads/s": count / found["seconds"]})
    report.lines = lines_of(samples)
    share = ratio(samples[OURS], samples[ALONE], lambda run: run["leads/s"])
    report.goals = [Goal("times the speed of its slowest part alone", share, at_least=0.4)]
    return report


async def _around(house: House, repeat: int, count: int) -> Run:
    await feeds.post_forms(house, range(repeat * count, (repeat + 1) * count))
    people = house.run("people", "benchmarks.load.people", house.kafka, str(count))
    people.wait_for_line("ready", 30)
    workers = {
        "sales": house.start("sales", "worker"),
        "handoff": house.start("handoff", "worker"),
        "marketing": house.start("marketing", "worker"),
    }
    postgres, kafka = house.server_pids()
    with processor_time(postgres, kafka, people.pid, *(child.pid for child in workers.values())) as used:
        took = await _credited(house, (repeat + 1) * count, count)
    peaks = {f"{name} worker MB": peak_megabytes(child.pid) for name, child in workers.items()}
    for child in workers.values():
        child.stop()
    names = ("PostgreSQL", "Kafka", "people", *(f"{name} worker" for name in workers))
    each = {f"{name} µs/lead": cpu.seconds / count * 1e6 for name, cpu in zip(names, used, strict=True)}
    return {"leads/s": count / took, **each, **peaks}


async def _credited(house: House, in_all: int, count: int) -> float:
    """Wait until so many deals are credited; how long the last `count` of them took."""
    connection: Any = await asyncpg.connect(house.database("marketing"))
    try:
        given_up = time.perf_counter() + PATIENCE
        while (done := await connection.fetchval("SELECT count(*) FROM credit_sets")) < in_all:
            if time.perf_counter() > given_up:
                raise RuntimeError(f"Only {done} of {in_all} deals are credited after {PATIENCE:.0f} s.")
            await asyncio.sleep(0.2)
        return float(await connection.fetchval(TOOK, count))
    finally:
        await connection.close()
