"""From the form to the rep, end to end, with everything on one machine; beside a bare chain."""

import time
from collections.abc import Mapping

from benchmarks import seeds
from benchmarks.figures import Effort, Goal, Report, Spread, lines_of
from benchmarks.house import House, open_house
from benchmarks.processes import processor_time
from benchmarks.seeds import Door

NAME = "assigned"
TITLE = "Form to assigned"
OURS = "marketing (API, worker) and handoff (worker), whole and real"
BARE = "bare chain: INSERT, Kafka, INSERT, Kafka; no outbox, inbox or rule"
LONGER = 3  # this row takes so many times as long: its 99th percentile needs many leads
Run = Mapping[str, float]
Parts = Mapping[str, int]  # pids by name


async def measure(effort: Effort) -> Report:
    """Open loop: forms are sent at fixed times and timed from when they were due."""
    seconds = effort.seconds * LONGER
    report = Report(
        NAME,
        TITLE,
        f"{effort.leads_per_second:g} leads a second for {seconds:g} s after 5 s of warm-up, evenly spaced; "
        "timed from when each form was due until a consumer outside reads its LeadAssigned from Kafka "
        "(and, for `accepted`, until the door has answered). API, workers, PostgreSQL, Kafka and the load "
        "share the cores.",
    )
    repeats = max(effort.repeats * 3 // 5, 1)
    samples: dict[str, list[Run]] = {OURS: [], BARE: []}
    with open_house(effort.profile_into) as house:
        await house.make_topics()
        whole = await _open(house)
        for repeat in range(repeats):
            samples[OURS].append(_drive(house, whole, "handoff.assignments", effort, seconds, repeat + 1))
        house.stop_programs()
        bare = _open_bare(house)
        for repeat in range(repeats):
            samples[BARE].append(_drive(house, bare, "dead.handoff", effort, seconds, repeat + 1))
    report.lines = lines_of(samples)
    for percent, limit in (("p50", 60), ("p99", 400)):
        found = Spread.of([run[f"assigned {percent} ms"] for run in samples[OURS]])
        report.goals.append(Goal(f"{percent} in ms", found, at_most=limit))
    for subject, runs in samples.items():
        lost, failed = sum(run["lost"] for run in runs), sum(run["failed"] for run in runs)
        if lost or failed:
            report.broken.append(f"{subject}: {lost:.0f} leads lost, {failed:.0f} requests failed")
    return report


async def _open(house: House) -> tuple[Door, Parts]:
    await house.migrate("marketing", "handoff")
    door = await seeds.open_form(house)
    await seeds.hire(house)
    parts = {
        "handoff worker": house.start("handoff", "worker").pid,
        "marketing worker": house.start("marketing", "worker").pid,
        "API": house.start("marketing", "api").pid,
    }
    return door, parts


def _open_bare(house: House) -> tuple[Door, Parts]:
    environment = {"DATABASE_URL": house.empty_database("bare_worker"), "KAFKA_BOOTSTRAP": house.kafka}
    worker = house.run("bare-worker", "benchmarks.floors.bare_chain", environment=environment)
    worker.wait_for_line("ready", 30)
    api, port = house.serve("bare-api", "benchmarks.floors.bare_chain:app", house.empty_database("bare_api"))
    return Door(port, "/v1/forms/bench/submissions"), {"worker": worker.pid, "API": api.pid}


def _drive(
    house: House, opened: tuple[Door, Parts], topic: str, effort: Effort, seconds: float, run: int
) -> Run:
    door, parts = opened
    postgres, kafka = house.server_pids()
    pids = {**parts, "PostgreSQL": postgres, "Kafka": kafka}
    rate = str(effort.leads_per_second)
    words = str(door.port), door.path, house.kafka, topic, rate, str(seconds), str(run)
    began = time.perf_counter()
    with processor_time(*pids.values()) as used:
        found = house.run("load", "benchmarks.load.open_loop", *words).wait(seconds + 60)
    took = time.perf_counter() - began
    return {
        **{f"assigned {name} ms": found[f"assigned_{name}_ms"] for name in ("p50", "p99", "max")},
        **{f"accepted {name} ms": found[f"accepted_{name}_ms"] for name in ("p50", "p99")},
        **{name: found[name] for name in ("leads", "lost", "failed")},
        **{f"{name} % of a core": cpu.seconds / took * 100 for name, cpu in zip(pids, used, strict=True)},
    }
