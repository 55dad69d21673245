"""A company that has lived through one of everything, at rest; each test gets copies of its databases."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from deploy.ops.reconcile import Addresses
from tests.deploy.ops.reconcile.life import live
from tests.support import steward
from tests.support.keys import Keys
from tests.support.loop import running_loop

_numbers = itertools.count(1)


@dataclass
class Company:
    """Where it is, and the ids a test may want to name. What a test changes, it changes in a copy."""

    addresses: Addresses
    ids: dict[str, str]
    copies: list[str] = field(default_factory=list)

    async def change(self, service: str, sql: str, *values: Any) -> list[Any]:
        """Do to its database what nobody should; returns the rows the statement answers with."""
        await self.copy(service)
        connection = await asyncpg.connect(self.addresses.databases[service])
        try:
            return list(await connection.fetch(sql, *values))
        finally:
            await connection.close()

    async def copy(self, service: str) -> None:
        """From now on, work on a copy of this database."""
        address = make_url(self.addresses.databases[service])
        if address.database in self.copies:
            return
        name = f"{address.database}_copy{next(_numbers)}"
        await _admin(f'CREATE DATABASE "{name}" TEMPLATE "{address.database}" OWNER "{address.username}"')
        self.copies.append(name)
        url = address.set(database=name).render_as_string(hide_password=False)
        self.addresses = replace(self.addresses, databases={**self.addresses.databases, service: url})


async def _admin(statement: str) -> None:
    admin = await asyncpg.connect(steward.address_of("postgres"), server_settings={"statement_timeout": "0"})
    try:
        await admin.execute(statement)
    finally:
        await admin.close()


@pytest.fixture(scope="session")
async def company_at_rest(keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Company]:
    """Its six processes are stopped, so that its databases can be copied."""
    async with running_loop(keys, tmp_path_factory.mktemp("company")) as loop:
        ids = await live(loop)
        await loop.quiet()
        loop.stop()
        rested = Company(Addresses(loop.databases, loop.bootstrap, loop.prefix), ids)
        yield rested
        for name in rested.copies:  # at the end, as each drop costs the server a checkpoint
            await _admin(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def company(company_at_rest: Company) -> Company:
    """The company for one test. The topics are shared: nothing of these tests writes to them."""
    return replace(company_at_rest)
