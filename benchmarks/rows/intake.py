"""What the marketing worker makes of stored deliveries: with the door, the work of one naive transaction."""

from sqlalchemy import text

from benchmarks import feeds, seeds
from benchmarks.figures import Effort, Report, lines_of
from benchmarks.house import House, open_house
from benchmarks.rows.relayed import Run, timed
from shared import database

NAME = "intake"
TITLE = "Intake"
OURS = "deliveries to submission, contact, company, touch, lead, score, LeadQualified staged"


async def measure(effort: Effort) -> Report:
    """A backlog of forms that are all of new people and all qualify."""
    count = max(effort.events // 10, 500)
    report = Report(
        NAME,
        TITLE,
        f"{count:,} stored forms of new people, who all qualify; one process, batches of up to 500, each one "
        "transaction. Together with the door this is what the ORM floor of the first table does, and more.",
    )
    samples: dict[str, list[Run]] = {OURS: []}
    with open_house(effort.profile_into) as house:
        await house.migrate("marketing")
        await seeds.open_form(house)
        environment = {"DATABASE_URL": house.database("marketing")}
        for repeat in range(effort.repeats):
            await feeds.post_forms(house, range(repeat * count, (repeat + 1) * count))
            child = house.run("intake", "benchmarks.subjects.intake", environment=environment, ours=True)
            samples[OURS].append(timed(house, child, count))
            report.broken += await _unsettled(house, (repeat + 1) * count)
    report.lines = lines_of(samples)
    return report


async def _unsettled(house: House, leads: int) -> list[str]:
    engine = database.create_engine(house.database("marketing"))
    async with engine.connect() as connection:
        found = await connection.scalar(text("SELECT count(*) FROM leads"))
    await engine.dispose()
    return [] if found == leads else [f"{leads} forms made {found} leads"]
