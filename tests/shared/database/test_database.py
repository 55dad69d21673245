"""The pool gives nobody a connection that the server has closed."""

import asyncio

from sqlalchemy import text

from shared.database.sessions import Sessions, driver
from shared.http.service import Service


async def test_a_connection_that_the_server_closed_is_given_to_nobody(service: Service) -> None:
    sessions: Sessions = service.state.sessions
    async with sessions() as one, sessions() as other:
        pooled = [await driver(one), await driver(other)]
    closed = asyncio.Event()
    async with sessions.begin() as session:
        mine = (await driver(session)).get_server_pid()
        [idle] = [connection for connection in pooled if connection.get_server_pid() != mine]
        idle.add_termination_listener(lambda _: closed.set())
        gone = idle.get_server_pid()
        await session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": gone})
    await asyncio.wait_for(closed.wait(), 10)

    async with sessions() as one, sessions() as other:
        now = {(await driver(session)).get_server_pid() for session in (one, other)}
    assert len(now) == 2
    assert gone not in now
