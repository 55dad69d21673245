"""What somebody at one form notices while another form is flooded."""

from collections.abc import Mapping

from benchmarks import seeds
from benchmarks.figures import Effort, Goal, Report, lines_of, ratio
from benchmarks.house import House, open_house
from benchmarks.processes import processor_time

NAME = "flooded"
TITLE = "A form beside a flood"
QUIET = "the form, nothing else going on"
ONE = "the form, another one flooded from one network (429 above its burst)"
MANY = "the form, another one flooded from thousands of networks (each taken)"
VISITORS, FLOOD = 100, 2_000  # forms a second
BEFORE, AFTER = 1.5, 1.0  # seconds by which the flood begins earlier and ends later
Run = Mapping[str, float]


async def measure(effort: Effort) -> Report:
    """Visitors send at fixed times, each from another network; the flood does, too, to another key."""
    report = Report(
        NAME,
        TITLE,
        f"{VISITORS} forms a second at one form, each from another network and timed from when it was due; "
        f"{FLOOD:,} a second at the other form. One process of the API with the quotas of the defaults, "
        "behind a trusted proxy; the loads come from processes of their own, on the same cores. No worker.",
    )
    samples: dict[str, list[Run]] = {QUIET: [], ONE: [], MANY: []}
    with open_house(effort.profile_into, kafka=False) as house:
        await house.migrate("marketing")
        visited, flooded = await seeds.open_form(house), await seeds.open_form(house, "pk_bench_flooded")
        usual = {"TRUSTED_PROXIES": "127.0.0.1", "FORM_BURST": "300", "FORM_RATE": "1"}
        api = house.start("marketing", "api", more=usual)
        first = 0
        for _ in range(effort.repeats):
            for subject, clients in ((QUIET, ""), (ONE, "one"), (MANY, "many")):
                first += 100_000
                samples[subject].append(
                    _visit(house, api.pid, visited, flooded, clients, effort.seconds, first)
                )
    report.lines = lines_of(samples)
    report.goals = [
        Goal(
            f"times the quiet p99, flooded from {where}",
            ratio(samples[subject], samples[QUIET], lambda run: run["p99 ms"]),
            at_most=3,
        )
        for subject, where in ((ONE, "one network"), (MANY, "many networks"))
    ]
    report.broken = [
        f"{subject}: {bad:.0f} visitors were turned away"
        for subject, runs in samples.items()
        if (bad := sum(run["turned away"] for run in runs))
    ]
    return report


def _visit(
    house: House, api: int, visited: seeds.Door, flooded: seeds.Door, clients: str, seconds: float, first: int
) -> Run:
    flood = None
    if clients:
        span = BEFORE + seconds + AFTER
        words = (str(flooded.port), flooded.path, str(FLOOD), str(span), str(1_000_000 + first), clients)
        flood = house.run("flood", "benchmarks.load.steady", *words)
    with processor_time(api) as (used,):
        words = (str(visited.port), visited.path, str(VISITORS), str(seconds + BEFORE), str(first), "many")
        found = house.run("visitors", "benchmarks.load.steady", *words).wait(seconds + 60)
    stormed = flood.wait(60) if flood is not None else {"answered": 0, "refused": 0}
    return {
        "p50 ms": found["p50_ms"],
        "p99 ms": found["p99_ms"],
        "turned away": found["refused"] + found["failed"],
        "of the flood refused": stormed["refused"],
        "of the flood answered": stormed["answered"],
        "app cores": used.seconds / (seconds + BEFORE + 1),
    }
