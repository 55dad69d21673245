"""How fast the relay empties a backlog of staged events, beside sending the same ones from memory."""

from collections.abc import Mapping, Sequence

from sqlalchemy import text

from benchmarks.figures import Effort, Goal, Report, lines_of, ratio
from benchmarks.house import House, open_house
from benchmarks.processes import Child, processor_time
from benchmarks.samples import lead_qualified
from shared.database.sessions import create_engine, create_sessions
from shared.events.envelope import Event
from shared.messaging import outbox

NAME = "relay"
TITLE = "Relay"
OURS = "the relay: outbox to Kafka, acknowledged, deleted"
FLOOR = "aiokafka send_batch of the same events, no database"
STAGED = 1000
Run = Mapping[str, float]


async def measure(effort: Effort) -> Report:
    """A backlog of many events, each of another key."""
    size = len(lead_qualified(7).data())
    report = Report(
        NAME,
        TITLE,
        f"{effort.events:,} LeadQualified of {size} bytes and nine headers, 12 partitions, idempotent "
        "producer, acks=all; one process, timed from its start to the last acknowledgement.",
    )
    samples: dict[str, list[Run]] = {OURS: [], FLOOR: []}
    with open_house(effort.profile_into) as house:
        await house.migrate("marketing")
        await house.make_topics()
        environment = {"DATABASE_URL": house.database("marketing"), "KAFKA_BOOTSTRAP": house.kafka}
        for _ in range(effort.repeats):
            await stage(house.database("marketing"), [lead_qualified(n) for n in range(effort.events)])
            words = "relay", "benchmarks.subjects.relay", str(effort.events)
            ours = house.run(*words, environment=environment, ours=True)
            samples[OURS].append(timed(house, ours, effort.events))
            report.broken += await _left_behind(house)
            words = "send-batch", "benchmarks.floors.send_batch", str(effort.events)
            samples[FLOOR].append(timed(house, house.run(*words, environment=environment), effort.events))
    report.lines = lines_of(samples)
    speed = ratio(samples[OURS], [{"events/s": 1.0}] * effort.repeats, lambda run: run["events/s"])
    report.goals = [Goal("events/s", speed, at_least=15_000)]
    share = ratio(samples[OURS], samples[FLOOR], lambda run: run["events/s"])
    report.notes = [f"{share.shown()} of the speed of send_batch without a database."]
    return report


async def stage(url: str, events: Sequence[Event]) -> None:
    """Put events into the outbox as services do."""
    engine = create_engine(url, application="leadloop-bench")
    sessions = create_sessions(engine)
    try:
        for first in range(0, len(events), STAGED):
            async with sessions.begin() as session:
                await outbox.stage(session, events[first : first + STAGED])
    finally:
        await engine.dispose()


def timed(house: House, child: Child, events: int) -> Run:
    """Wait for a program that works off so many events, and see what it and the servers use."""
    with processor_time(*house.server_pids()) as (database_used, kafka_used):
        found = child.wait(300)
    return {
        "events/s": events / found["seconds"],
        "app µs/event": found["cpu_seconds"] / events * 1e6,
        **({"batch": events / found["batches"], "parked": found["parked"]} if "batches" in found else {}),
        "PostgreSQL µs/event": database_used.seconds / events * 1e6,
        "Kafka µs/event": kafka_used.seconds / events * 1e6,
    }


async def _left_behind(house: House) -> list[str]:
    engine = create_engine(house.database("marketing"))
    try:
        async with engine.connect() as connection:
            pending = await connection.scalar(text("SELECT count(*) FROM outbox_pending"))
            parked = await connection.scalar(text("SELECT count(*) FROM outbox_parked"))
    finally:
        await engine.dispose()
    return [f"{pending} events left pending, {parked} parked"] if pending or parked else []
