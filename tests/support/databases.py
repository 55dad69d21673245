"""A database per test, cloned from one that the real migrations have built, or cleaned after another test.

Cleaning takes a fifth of the time. A database whose shape a test has changed is dropped instead.
"""

import itertools
import os
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy.engine import make_url

from services import migrate
from tests.support import steward
from tests.support.cleaning import Pristine

_numbers = itertools.count(1)
_pristine: dict[str, Pristine] = {}
_clean: defaultdict[str, list[str]] = defaultdict(list)  # names of databases to be had again, by service
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
    """The URL of a migrated database of this service as if new, as the service's own role."""
    admin_url = steward.address_of("postgres")
    name = _clean[service].pop() if _clean[service] else await _cloned(service)
    try:
        yield _named(admin_url, name, f"{service}_tests")
    finally:
        if await _restored(service, name):
            _clean[service].append(name)
        else:
            await _drop(name)


async def _cloned(service: str) -> str:
    template = await template_of(service)
    name = f"{service}_{os.getpid()}_{os.environ.get('PYTEST_XDIST_WORKER', 'w')}_{next(_numbers)}"
    async with _connected("postgres") as admin:
        await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER {service}_tests')
    if service not in _pristine:
        async with _connected(name) as connection:
            _pristine[service] = await Pristine.of(connection)
    return name


async def _restored(service: str, name: str) -> bool:
    """Whether the database can be had again. One that a test has dropped, or made unreachable, can't."""
    try:
        async with _connected(name) as connection:
            return await _pristine[service].restore(connection)
    except (asyncpg.PostgresError, OSError):
        return False


async def _drop(name: str) -> None:
    async with _connected("postgres") as admin:
        await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


async def drop_clean() -> None:
    """Drop what this process has made: the server may be another's."""
    for names in _clean.values():
        while names:
            await _drop(names.pop())


@asynccontextmanager
async def _connected(name: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    url = _named(steward.address_of("postgres"), name)
    connection = await asyncpg.connect(url, server_settings={"statement_timeout": "0"})
    try:
        yield connection
    finally:
        await connection.close()


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
