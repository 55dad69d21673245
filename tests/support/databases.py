"""A database per test, cloned from one that the real migrations have built."""

import itertools
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy.engine import make_url

from services import migrate
from tests.support import steward

_numbers = itertools.count(1)
PASSWORD = "for-tests-only"


def _named(admin_url: str, name: str, role: str | None = None) -> str:
    url = make_url(admin_url).set(database=name)
    if role is not None:
        url = url.set(username=role, password=PASSWORD)
    return url.render_as_string(hide_password=False)


async def template_of(service: str) -> str:
    """The migrated template's name. The first test worker that comes builds it, the others wait."""
    admin_url = steward.address_of("postgres")
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))[-8:]
    name, role = f"template_{service}_{run}", f"{service}_tests"
    admin = await asyncpg.connect(admin_url, server_settings={"statement_timeout": "0", "lock_timeout": "0"})
    try:
        await admin.execute("SELECT pg_advisory_lock(hashtext($1))", name)
        if await admin.fetchval("SELECT datistemplate FROM pg_database WHERE datname = $1", name):
            return name
        if not await admin.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
            await admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'")
        await admin.execute(f'DROP DATABASE IF EXISTS "{name}"')
        await admin.execute(f'CREATE DATABASE "{name}" OWNER {role}')
        await migrate.upgrade(_named(admin_url, name, role), service)
        await admin.execute(f'ALTER DATABASE "{name}" IS_TEMPLATE true')
        return name
    finally:
        await admin.close()


@asynccontextmanager
async def fresh_database(service: str) -> AsyncIterator[str]:
    """The URL of a new, migrated database of this service, as the service's own role; dropped at the end."""
    template = await template_of(service)
    admin_url = steward.address_of("postgres")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "w")
    name = f"{service}_{os.getpid()}_{worker}_{next(_numbers)}"
    admin = await asyncpg.connect(admin_url, server_settings={"statement_timeout": "0"})
    try:
        await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER {service}_tests')
        yield _named(admin_url, name, f"{service}_tests")
    finally:
        await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await admin.close()


@asynccontextmanager
async def empty_database(service: str) -> AsyncIterator[str]:
    """The URL of a new database with nothing in it, as the service's own role; dropped at the end."""
    await template_of(service)  # which makes the role
    admin_url = steward.address_of("postgres")
    name = f"{service}_{os.getpid()}_{os.environ.get('PYTEST_XDIST_WORKER', 'w')}_{next(_numbers)}"
    admin = await asyncpg.connect(admin_url, server_settings={"statement_timeout": "0"})
    try:
        await admin.execute(f'CREATE DATABASE "{name}" OWNER {service}_tests')
        yield _named(admin_url, name, f"{service}_tests")
    finally:
        await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await admin.close()
