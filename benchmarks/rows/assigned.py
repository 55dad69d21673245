"""From the form to the rep, end to end, with everything on one machine; beside a bare chain."""

import time
from collections.abc import Mapping
from operator import itemgetter

from benchmarks import seeds
from benchmarks.figures import Effort, Goal, Report, Spread, lines_of, ratio
from benchmarks.house import House, open_house
from benchmarks.processes import processor_time
from benchmarks.seeds import Door

NAME = "assigned"
TITLE = "Form to assigned"
OURS = "marketing (API, worker) and handoff (worker), whole and real"
BARE = "bare chain: INSERT, Kafka, INSERT, Kafka; no outbox, inbox or rule"
USUAL, BUSY = 50, 100  # leads a second
LONGER = 3  # this row takes so many times as long: its 99th percentile needs many leads
Run = Mapping[str, float]
Parts = Mapping[str, int]  # pids by name


async def measure(effort: Effort) -> Report:
    """Open loop: forms are sent at fixed times and timed from when they were due."""
    seconds = effort.seconds * LONGER
    report = Report(
        NAME,
        TITLE,
        f"{USUAL} and {BUSY} leads a second for {seconds:g} s after 5 s of warm-up, evenly spaced; "
        "timed from when each form was due until a consumer outside reads its LeadAssigned from Kafka "
        "(and, for `accepted`, until the door has answered). API, workers, PostgreSQL, Kafka and the load "
        "share the cores.",
    )
    samples: dict[str, list[Run]] = {_at(USUAL, OURS): [], _at(BUSY, OURS): [], _at(BUSY, BARE): []}
    with open_house(effort.profile_into) as house:
        await house.make_topics()
        whole = await _open(house)
        for repeat in range(effort.repeats):
            for rate in (USUAL, BUSY):
                run = _drive(house, whole, "handoff.assignments", rate, seconds, 2 * repeat + rate // BUSY)
                samples[_at(rate, OURS)].append(run)
        house.stop_programs()
        bare = _open_bare(house)
        for repeat in range(effort.repeats):
            run = _drive(house, bare, "dead.handoff", BUSY, seconds, repeat)
            samples[_at(BUSY, BARE)].append(run)
    report.lines = lines_of(samples)
    report.goals = _goals(samples)
    for subject, runs in samples.items():
        lost, failed = sum(run["lost"] for run in runs), sum(run["failed"] for run in runs)
        if lost or failed:
            report.broken.append(f"{subject}: {lost:.0f} leads lost, {failed:.0f} requests failed")
    return report


def _at(rate: int, subject: str) -> str:
    return f"{rate}/s: {subject}"


def _goals(samples: Mapping[str, list[Run]]) -> list[Goal]:
    goals = []
    for percent, limit in (("p50", 60), ("p99", 400)):
        found = Spread.of([run[f"assigned {percent} ms"] for run in samples[_at(USUAL, OURS)]])
        goals.append(Goal(f"{percent} in ms at {USUAL}/s", found, at_most=limit))
    for percent in ("p50", "p99"):
        column = f"assigned {percent} ms"
        against = ratio(samples[_at(BUSY, OURS)], samples[_at(BUSY, BARE)], itemgetter(column))
        goals.append(Goal(f"{percent} at {BUSY}/s, times that of the bare chain", against, at_most=2.5))
    return goals


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


def _drive(house: House, opened: tuple[Door, Parts], topic: str, rate: int, seconds: float, run: int) -> Run:
    door, parts = opened
    postgres, kafka = house.server_pids()
    pids = {**parts, "PostgreSQL": postgres, "Kafka": kafka}
    words = str(door.port), door.path, house.kafka, topic, str(rate), str(seconds), str(run + 1)
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
