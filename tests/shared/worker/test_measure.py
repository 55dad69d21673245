"""What waits is counted: by name, with its age, and by indexes that hold only what waits."""

from typing import Any

import pytest

from services.backlogs import QUEUES
from shared import clock
from shared.database.sessions import Sessions, create_engine, create_sessions, driver
from shared.messaging import backlog
from shared.observability import telemetry
from shared.services import SERVICES
from shared.worker.upkeep import Measure
from tests.support.databases import fresh_database

PENDING = (
    "INSERT INTO deliveries (id, door, source_id, body, state, received_at) "
    "VALUES ($1, 'web_form', $2, 'x', $3, now() - interval '90 seconds')"
)


@pytest.mark.parametrize("service", SERVICES)
async def test_everything_that_can_wait_is_looked_at_in_one_statement(service: str) -> None:
    async with fresh_database(service) as url:
        engine = create_engine(url)
        measure = Measure(QUEUES[service], service)
        await measure.look(create_sessions(engine))
        await engine.dispose()

    assert set(measure.found["waiting"]) == {queue.name for queue in QUEUES[service]}
    assert all(each == {"count": 0, "oldest_seconds": None} for each in measure.found["waiting"].values())


async def test_how_many_wait_and_since_when(marketing_sessions: Sessions) -> None:
    async with marketing_sessions.begin() as session:
        connection = await driver(session)
        for state in ("pending", "pending", "unreadable", "read"):
            await connection.execute(PENDING, clock.new_id(), clock.new_id(), state)
    measure = Measure(QUEUES["marketing"], "marketing")

    await measure.look(marketing_sessions)

    waiting = measure.found["waiting"]
    assert (waiting["deliveries"]["count"], waiting["deliveries_set_aside"]["count"]) == (2, 1)
    assert 90 <= waiting["deliveries"]["oldest_seconds"] < 120
    page = telemetry.metrics_page().decode()
    assert 'leadloop_waiting{queue="deliveries"} 2.0' in page
    assert 'leadloop_waiting{queue="deliveries_set_aside"} 1.0' in page


@pytest.mark.parametrize("service", ["marketing", "handoff"])
async def test_no_history_is_read_to_count_what_waits(service: str) -> None:
    """With everything it might read otherwise forbidden, each queue has an index of its own to go by."""
    async with fresh_database(service) as url:
        engine = create_engine(url)
        async with create_sessions(engine).begin() as session:
            connection = await driver(session)
            await connection.execute("SET LOCAL enable_seqscan = off")
            for queue in QUEUES[service]:
                if " WHERE " in queue.rows:
                    plan = await connection.fetch("EXPLAIN " + backlog.statement([queue]))
                    text = "\n".join(str(row[0]) for row in plan)
                    assert "Index" in text and "Filter" not in text, f"{queue.name}: {text}"  # noqa: PT018
        await engine.dispose()


def test_queues_have_names_of_their_own() -> None:
    for service in SERVICES:
        names: list[Any] = [queue.name for queue in QUEUES[service]]
        assert len(set(names)) == len(names)
