"""All credits of a ledger computed again in memory, exact to the cent, beside DuckDB doing it in floats."""

from collections.abc import Mapping

from benchmarks import past
from benchmarks.figures import Effort, Goal, Report, lines_of, ratio
from benchmarks.house import open_house

NAME = "recompute"
TITLE = "All credits again"
OURS = "the product's rules, one process, exact cents"
FLOOR = "DuckDB on every core, floats"
Run = Mapping[str, float]


async def measure(effort: Effort) -> Report:
    """The same ledger again and again."""
    report = Report(
        NAME,
        TITLE,
        f"{effort.events * past.TOUCHES:,} touches of {effort.events:,} won deals, three models, each deal's "
        "amount, reporting amount and share of a deal: nine columns. Ours reads the touches from PostgreSQL "
        "in the order of their journeys and writes a ledger by COPY; DuckDB reads a CSV file, orders the "
        "journeys itself as a part of its query, and keeps the result in memory.",
    )
    samples: dict[str, list[Run]] = {OURS: [], FLOOR: []}
    with open_house(effort.profile_into, kafka=False) as house:
        await house.migrate("marketing")
        await past.found(house)
        await past.live(house, 0, effort.events, touches=True)
        environment = {"DATABASE_URL": house.database("marketing")}
        for _ in range(effort.repeats):
            words = "recompute", "benchmarks.subjects.recompute", str(house.home)
            ours = house.run(*words, environment=environment, ours=True).wait(300)
            theirs = house.run("duck", "benchmarks.floors.duck", str(house.home)).wait(120)
            if ours["touches"] != theirs["touches"] or abs(ours["cents"] - theirs["cents"]) > effort.events:
                report.broken.append(f"not the same: {ours} and {theirs}")
            shown = ("read s", "compute s", "compute CPU s", "write s")
            samples[OURS].append({name: ours[name] for name in shown})
            samples[FLOOR].append({name: theirs[name] for name in shown[:3]})
    report.lines = lines_of(samples)
    against = ratio(samples[OURS], samples[FLOOR], lambda run: run["compute s"])
    report.goals = [Goal("computing, times DuckDB's", against, at_most=3)]
    return report
