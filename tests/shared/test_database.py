"""The pool gives nobody a connection that the server has closed."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from shared import clock, database
from shared.database import Sessions
from shared.web import Service


async def test_a_connection_that_the_server_closed_is_given_to_nobody(service: Service) -> None:
    sessions: Sessions = service.state.sessions
    async with sessions() as one, sessions() as other:
        pooled = [await database.driver(one), await database.driver(other)]
    closed = asyncio.Event()
    async with sessions.begin() as session:
        mine = (await database.driver(session)).get_server_pid()
        [idle] = [connection for connection in pooled if connection.get_server_pid() != mine]
        idle.add_termination_listener(lambda _: closed.set())
        gone = idle.get_server_pid()
        await session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": gone})
    await asyncio.wait_for(closed.wait(), 10)

    async with sessions() as one, sessions() as other:
        now = {(await database.driver(session)).get_server_pid() for session in (one, other)}
    assert len(now) == 2
    assert gone not in now


def test_an_id_is_as_old_as_the_moment_it_is_made_for() -> None:
    moment = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    earlier, later = clock.new_id(moment), clock.new_id(moment + timedelta(milliseconds=1))
    assert earlier.int >> 80 == moment.timestamp() * 1000
    assert earlier < later < clock.new_id()
    assert clock.new_id(moment) != earlier
