"""What `make status` says of what waits, by the databases themselves."""

import asyncpg
import pytest

from deploy.local.stack.waiting import _backlog, _of_service
from shared import clock
from shared.messaging.backlog import Backlog
from shared.services import SERVICES
from tests.support.databases import fresh_database


async def test_deliveries_that_wait_and_those_set_aside_are_named() -> None:
    async with fresh_database("marketing") as url:
        connection = await asyncpg.connect(url)
        for state in ("pending", "pending", "unreadable"):
            await connection.execute(
                "INSERT INTO deliveries (id, door, source_id, state) VALUES ($1, 'web_form', $1, $2)",
                clock.new_id(),
                state,
            )
        await connection.close()

        found = _of_service("marketing", await _backlog("marketing", url), 7)

    assert (found.outbox, found.oldest_seconds, found.parked, found.lag) == (0, None, 0, 7)
    assert [(each.queue, each.number) for each in found.others] == [
        ("deliveries", 2),
        ("deliveries_set_aside", 1),
    ]


@pytest.mark.parametrize("service", SERVICES)
async def test_what_is_empty_is_not_named(service: str) -> None:
    async with fresh_database(service) as url:
        found = _of_service(service, await _backlog(service, url), None)

    assert (found.outbox, found.others) == (0, [])


async def test_a_server_that_is_away_is_said_to_be_unknown() -> None:
    found = _of_service("sales", await _backlog("sales", "postgresql://nobody@127.0.0.1:1/none"), None)

    assert (found.outbox, found.parked, found.lag) == (None, None, None)


def test_a_queue_reads_as_a_number_and_an_age() -> None:
    assert str(Backlog("pool", 1234, 61.4)) == "1,234, oldest 61 s"
    assert str(Backlog("pool", 0, None)) == "0"
