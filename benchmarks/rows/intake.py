"""What the marketing worker makes of stored deliveries, beside inserting the same rows with no thought."""

from sqlalchemy import text

from benchmarks import feeds, seeds
from benchmarks.figures import Effort, Goal, Report, lines_of, ratio
from benchmarks.house import House, open_house
from benchmarks.rows.relayed import Run, timed
from services import migrate
from shared.database.sessions import create_engine

NAME = "intake"
TITLE = "Intake"
OURS = "deliveries to submission, contact, company, touch, lead, score, LeadQualified staged"
FLOOR = "the same rows by one bare multi-table unnest insert per batch: nothing read, nothing decided"
BATCH = 500
FILLING = BATCH  # deliveries taken in before the clock starts: tables of rules and countries are loaded then


async def measure(effort: Effort) -> Report:
    """A backlog of forms that are all of new people and all qualify."""
    count = max(effort.events // 10 // BATCH, 1) * BATCH
    report = Report(
        NAME,
        TITLE,
        f"{count:,} stored forms of new people, who all qualify; one process, batches of up to 500, each one "
        "transaction; timed after a first batch. Together with the door this is what the ORM floor of the "
        "first table does, and more. The floor inserts the rows that the run before it has made, into the "
        "same tables with the same indexes.",
    )
    samples: dict[str, list[Run]] = {OURS: [], FLOOR: []}
    with open_house(effort.profile_into, kafka=False) as house:
        await house.migrate("marketing")
        await seeds.open_form(house)
        bare = house.empty_database("bare_intake")
        await migrate.upgrade(bare, "marketing")
        each = FILLING + count
        for repeat in range(effort.repeats):
            await feeds.post_forms(house, range(repeat * each, (repeat + 1) * each))
            environment = {"DATABASE_URL": house.database("marketing")}
            words = "intake", "benchmarks.subjects.intake", str(FILLING)
            samples[OURS].append(timed(house, house.run(*words, environment=environment, ours=True), count))
            report.broken += await _unsettled(house, (repeat + 1) * each)
            environment = {"DATABASE_URL": bare, "SOURCE_URL": house.database("marketing")}
            floor = "benchmarks.floors.bare_intake", str(each), str(repeat)
            child = house.run("bare-intake", *floor, environment=environment)
            samples[FLOOR].append(timed(house, child, each))
    report.lines = lines_of(samples)
    speed = ratio(samples[OURS], [{"events/s": 1.0}] * effort.repeats, lambda run: run["events/s"])
    share = ratio(samples[OURS], samples[FLOOR], lambda run: run["events/s"])
    report.goals = [
        Goal("deliveries/s", speed, at_least=1_500),
        Goal("times the speed of the bare insert", share, at_least=0.20),
    ]
    report.notes.append(
        "Asked were 2,000/s and 0.25 before a delivery was read in whatever way it is written, compared with "
        "what was said before, matched by names and weak keys, and told its channel and consents by rules."
    )
    return report


async def _unsettled(house: House, leads: int) -> list[str]:
    engine = create_engine(house.database("marketing"))
    async with engine.connect() as connection:
        found = await connection.scalar(text("SELECT count(*) FROM leads"))
    await engine.dispose()
    return [] if found == leads else [f"{leads} forms made {found} leads"]
