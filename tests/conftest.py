"""What every test may ask for: real servers, migrated databases, keys, and each service's API."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx import AsyncClient
from hypothesis import settings
from sqlalchemy.ext.asyncio import AsyncEngine
from xdist.scheduler import LoadScopeScheduling

from shared.database.sessions import Sessions, create_engine, create_sessions
from tests.support import steward
from tests.support.apps import serving
from tests.support.databases import drop_clean, fresh_database
from tests.support.keys import Keys
from tests.support.steward import Steward

# A busy machine is not a slow rule: examples are counted, never timed.
settings.register_profile("leadloop", deadline=None)
settings.load_profile("leadloop")

# Each of these shares one thing that is dear to begin: a running loop, a company's life, a browser.
SHARED = ("tests/journeys/", "tests/deploy/ops/reconcile/", "tests/browser/")
_steward = pytest.StashKey[Steward]()


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # the main process, not one of xdist's workers
        config.stash[_steward] = Steward()
        config.stash[_steward].start()


class Together(LoadScopeScheduling):  # type: ignore[misc]  # it brings no types
    """One test worker for each file, and for each of those folders.

    `--dist loadgroup` does the same by marks, and with pytest 9.2 no longer does it.
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((folder for folder in SHARED if nodeid.startswith(folder)), nodeid.partition("::")[0])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    return Together(config, log)


def pytest_sessionfinish() -> None:
    asyncio.run(drop_clean())


def pytest_unconfigure(config: pytest.Config) -> None:
    if _steward in config.stash:
        config.stash[_steward].stop()


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys.make(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def kafka_bootstrap() -> str:
    return steward.address_of("kafka")


@pytest.fixture
async def marketing_database() -> AsyncIterator[str]:
    async with fresh_database("marketing") as url:
        yield url


@pytest.fixture
async def handoff_database() -> AsyncIterator[str]:
    async with fresh_database("handoff") as url:
        yield url


@pytest.fixture
async def sales_database() -> AsyncIterator[str]:
    async with fresh_database("sales") as url:
        yield url


async def _sessions(url: str) -> AsyncIterator[Sessions]:
    engine: AsyncEngine = create_engine(url, application="leadloop-tests")
    yield create_sessions(engine)
    await engine.dispose()


@pytest.fixture
async def marketing_sessions(marketing_database: str) -> AsyncIterator[Sessions]:
    async for sessions in _sessions(marketing_database):
        yield sessions


@pytest.fixture
async def handoff_sessions(handoff_database: str) -> AsyncIterator[Sessions]:
    async for sessions in _sessions(handoff_database):
        yield sessions


@pytest.fixture
async def sales_sessions(sales_database: str) -> AsyncIterator[Sessions]:
    async for sessions in _sessions(sales_database):
        yield sessions


@pytest.fixture
async def marketing(
    marketing_database: str, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[AsyncClient]:
    async with serving("marketing", marketing_database, keys, monkeypatch) as (_, client):
        yield client


@pytest.fixture
async def handoff(
    handoff_database: str, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[AsyncClient]:
    async with serving("handoff", handoff_database, keys, monkeypatch) as (_, client):
        yield client


@pytest.fixture
async def sales(
    sales_database: str, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[AsyncClient]:
    async with serving("sales", sales_database, keys, monkeypatch) as (_, client):
        yield client
