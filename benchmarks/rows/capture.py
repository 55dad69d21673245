"""A lead accepted durably at many connections, beside no work at all and beside one ORM transaction each."""

from collections.abc import Mapping

from benchmarks import seeds
from benchmarks.figures import Effort, Goal, Report, lines_of, ratio
from benchmarks.house import House, open_house
from benchmarks.processes import Child, processor_time
from benchmarks.samples import form_body

NAME = "capture"
TITLE = "A lead accepted durably"
OURS = "the form door of marketing (stored, then answered 202)"
NO_WORK = "FastAPI, the same body declared, no work"
ORM = "FastAPI, one SQLAlchemy ORM transaction per request"
Target = tuple[Child, int, str]
Run = Mapping[str, float]


async def measure(effort: Effort) -> Report:
    """Closed loop: every connection posts the next form as soon as the last is answered."""
    report = Report(
        NAME,
        TITLE,
        f"{effort.connections} keep-alive connections, each form another person's (12 fields, "
        f"{len(form_body(0))} bytes), one process per subject served by uvicorn (uvloop, httptools), load "
        "from a process of its own. The ORM stores contact, lead and outbox row; the door stores the raw "
        "delivery, of which the worker, which does not run here, makes them: see Intake.",
    )
    samples: dict[str, list[Run]] = {OURS: [], NO_WORK: [], ORM: []}
    with open_house(effort.profile_into, kafka=False) as house:
        targets = await _targets(house)
        for repeat in range(effort.repeats):
            for subject, target in targets.items():
                first = repeat * 10_000_000
                samples[subject].append(drive(house, target, effort.connections, effort.seconds, first))
    report.lines = lines_of(samples)
    report.goals = [
        Goal(
            "times the speed of FastAPI without work",
            ratio(samples[OURS], samples[NO_WORK], _speed),
            at_least=1.3,
        ),
        Goal(
            "times the speed of one ORM transaction each",
            ratio(samples[OURS], samples[ORM], _speed),
            at_least=5,
        ),
    ]
    report.broken = failures(samples)
    return report


async def _targets(house: House) -> dict[str, Target]:
    await house.migrate("marketing")
    door = await seeds.open_form(house)
    api = house.start("marketing", "api")
    no_work, no_work_port = house.serve("no-work", "benchmarks.floors.no_work:app", "")
    orm, orm_port = house.serve("orm", "benchmarks.floors.orm:app", house.empty_database("orm_floor"))
    return {
        OURS: (api, door.port, door.path),
        NO_WORK: (no_work, no_work_port, door.path),
        ORM: (orm, orm_port, door.path),
    }


def drive(house: House, target: Target, connections: int, seconds: float, first: int) -> Run:
    """Load one subject for a while; its figures, with the processor time of it and of PostgreSQL."""
    child, port, path = target
    postgres, _ = house.server_pids()
    arguments = (str(port), path, str(connections), str(seconds), str(first))
    with processor_time(child.pid, postgres) as (app, database):
        load = house.run("load", "benchmarks.load.closed_loop", *arguments)
        found = load.wait(seconds + 60)
    answered = max(found["answered"], 1) * (seconds + 1) / seconds  # the warm-up used the processor too
    return {
        "req/s": found["per_second"],
        "p50 ms": found["p50_ms"],
        "p99 ms": found["p99_ms"],
        "app µs/req": app.seconds / answered * 1e6,
        "PostgreSQL µs/req": database.seconds / answered * 1e6,
        "failed": found["failed"],
    }


def failures(samples: Mapping[str, list[Run]]) -> list[str]:
    return [
        f"{subject}: {failed:.0f} requests failed"
        for subject, runs in samples.items()
        if (failed := sum(run["failed"] for run in runs))
    ]


def _speed(run: Run) -> float:
    return run["req/s"]
