"""How long one person waits when nobody else is there, beside a bare INSERT and its commit."""

from benchmarks import seeds
from benchmarks.figures import Effort, Goal, Report, lines_of, ratio
from benchmarks.house import open_house
from benchmarks.rows.capture import OURS, Run, Target, drive, failures

NAME = "alone"
TITLE = "One lead at a time"
ENDPOINT = "FastAPI, one bare asyncpg INSERT that commits"
BARE = "no framework (raw ASGI), the same INSERT"


async def measure(effort: Effort) -> Report:
    """One connection, closed loop."""
    report = Report(
        NAME, TITLE, "One keep-alive connection; the same forms and servers. The INSERT stores id and body."
    )
    samples: dict[str, list[Run]] = {OURS: [], ENDPOINT: [], BARE: []}
    with open_house(effort.profile_into, kafka=False) as house:
        await house.migrate("marketing")
        door = await seeds.open_form(house)
        url = house.empty_database("insert_floor")
        endpoint, endpoint_port = house.serve("insert", "benchmarks.floors.bare_insert:app", url)
        bare, bare_port = house.serve("bare-insert", "benchmarks.floors.bare_insert:bare", url)
        targets: dict[str, Target] = {
            OURS: (house.start("marketing", "api"), door.port, door.path),
            ENDPOINT: (endpoint, endpoint_port, door.path),
            BARE: (bare, bare_port, door.path),
        }
        for repeat in range(effort.repeats):
            for subject, target in targets.items():
                samples[subject].append(drive(house, target, 1, effort.seconds / 2, repeat * 10_000_000))
    report.lines = lines_of(samples)
    against = ratio(samples[OURS], samples[ENDPOINT], lambda run: run["p50 ms"])
    report.goals = [Goal("p50, times that of a bare INSERT and commit", against, at_most=1.5)]
    report.broken = failures(samples)
    return report
