"""The small service of `things.py`, on one database for all tests here; each test finds its tables empty."""

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from shared.http.service import Service
from tests.shared.http import things
from tests.support.databases import fresh_database
from tests.support.keys import Keys


@pytest.fixture(scope="session")
async def things_database() -> AsyncIterator[str]:
    async with fresh_database("handoff") as url:
        await things.make_table(url)
        yield url


@pytest.fixture(scope="session")
async def running(things_database: str, keys: Keys) -> AsyncIterator[tuple[Service, AsyncClient]]:
    app, _ = things.make_service(things_database, keys)
    async with things.client_of(app) as client:
        yield app, client


@pytest.fixture
async def service(running: tuple[Service, AsyncClient]) -> Service:
    app, _ = running
    app.state.edge.authenticator.forget()
    async with app.state.sessions.begin() as session:
        await session.execute(text("TRUNCATE things, parents, idempotency, api_keys"))
    return app


@pytest.fixture
async def client(service: Service, running: tuple[Service, AsyncClient]) -> AsyncClient:
    return running[1]
