"""A company that has lived through one of everything, at rest; each test gets copies of its databases."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from deploy.reconcile import Addresses
from tests.deploy.reconcile.life import live
from tests.support import steward
from tests.support.keys import Keys
from tests.support.loop import running_loop

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Company:
    """Where it is, and the ids a test may want to name."""

    addresses: Addresses
    ids: dict[str, str]

    async def change(self, service: str, sql: str, *values: Any) -> list[Any]:
        """Do to its database what nobody should; returns the rows the statement answers with."""
        connection = await asyncpg.connect(self.addresses.databases[service])
        try:
            return list(await connection.fetch(sql, *values))
        finally:
            await connection.close()


@pytest.fixture(scope="session")
async def company_at_rest(keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Company]:
    """Its six processes are stopped, so that its databases can be copied."""
    async with running_loop(keys, tmp_path_factory.mktemp("company")) as loop:
        ids = await live(loop)
        await loop.quiet()
        loop.stop()
        yield Company(Addresses(loop.databases, loop.bootstrap, loop.prefix), ids)


@pytest.fixture
async def company(company_at_rest: Company) -> AsyncIterator[Company]:
    """A copy to spoil. The topics are shared: nothing of these tests writes to them."""
    admin = await asyncpg.connect(steward.address_of("postgres"), server_settings={"statement_timeout": "0"})
    copies: dict[str, str] = {}
    made: list[str] = []
    try:
        for service, url in company_at_rest.addresses.databases.items():
            address = make_url(url)
            name = f"{address.database}_copy{next(_numbers)}"
            await admin.execute(
                f'CREATE DATABASE "{name}" TEMPLATE "{address.database}" OWNER "{address.username}"'
            )
            made.append(name)
            copies[service] = address.set(database=name).render_as_string(hide_password=False)
        yield replace(company_at_rest, addresses=replace(company_at_rest.addresses, databases=copies))
    finally:
        for name in made:
            await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await admin.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All in one test worker: they share the company."""
    for item in items:
        if "tests/deploy/reconcile" in item.path.as_posix():
            item.add_marker(pytest.mark.xdist_group("reconcile"))
