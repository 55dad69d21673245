"""A worker on an older schema waits, as for servers that are away; on a newer one it works."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka.errors import GroupCoordinatorNotAvailableError
from alembic import command
from sqlalchemy import Connection

from deploy.local.servers import free_port
from services import migrate
from services.handoff.settings import Settings
from services.handoff.worker import create
from services.topics import create_topics
from shared.database import schema_state
from shared.database.sessions import create_engine
from shared.messaging import brokers, topics
from shared.migrations.migrate import configuration
from shared.services import SERVICES
from shared.worker.health import Health
from shared.worker.run import _servers_are_ready
from tests.support.databases import empty_database
from tests.support.keys import Keys
from tests.support.loop import Loop, until

PREFIX = "older."
HANDOFF = migrate.SCHEMAS["handoff"]


@pytest.fixture
async def one_behind() -> AsyncIterator[str]:
    """Handoff's database as the release before left it."""
    async with empty_database("handoff") as url:
        engine = create_engine(url)

        def build(connection: Connection) -> None:
            settings = configuration(HANDOFF, connection)
            command.upgrade(settings, "plumbing_0002")
            command.upgrade(settings, "handoff_0001")

        async with engine.connect() as connection:
            await connection.run_sync(build)
        await engine.dispose()
        yield url


@pytest.fixture
async def loop(one_behind: str, keys: Keys, kafka_bootstrap: str, tmp_path: Path) -> AsyncIterator[Loop]:
    ports = {f"{service}-{kind}": free_port() for service in SERVICES for kind in ("api", "worker")}
    found = Loop(keys, tmp_path, kafka_bootstrap, PREFIX, {"handoff": one_behind}, ports)
    await create_topics(kafka_bootstrap, PREFIX)
    yield found
    found.stop()


async def asked(loop: Loop, path: str) -> tuple[int, Any]:
    """The worker's answer; 0 when there is none."""
    async with httpx.AsyncClient(timeout=3) as client:
        try:
            answer = await client.get(f"http://127.0.0.1:{loop.ports['handoff-worker']}{path}")
        except httpx.HTTPError:
            return 0, None
    return answer.status_code, answer.json() if path != "/metrics" else answer.text


async def members(loop: Loop) -> int:
    """Of the worker's consumer group. Kafka's first group has to wait for its coordinator."""
    async with topics.admin(loop.bootstrap) as admin:
        try:
            [answer] = await admin.describe_consumer_groups([f"{PREFIX}handoff"])
        except GroupCoordinatorNotAvailableError:
            return 0
    return sum(len(group[5]) for group in answer.groups)


async def test_a_worker_on_an_older_schema_joins_no_group_until_the_migrations_are_there(
    loop: Loop, one_behind: str
) -> None:
    loop.start("handoff-worker")

    async def says_what_is_missing() -> bool:
        status, said = await asked(loop, "/readyz")
        return status == 503 and "migrations missing" in said["checks"]["database"]

    async def is_a_member() -> bool:
        return await members(loop) == 1

    await until(says_what_is_missing, "the worker says what is missing")
    for _ in range(8):  # it would have joined in one of these seconds
        assert await members(loop) == 0
        await asyncio.sleep(0.5)
    assert await asked(loop, "/livez") == (200, {"status": "ok"})
    assert await says_what_is_missing()

    await migrate.upgrade(one_behind, "handoff")
    await loop.ready("handoff-worker")
    await until(is_a_member, "the worker has joined")

    async def has_looked() -> bool:
        return "waiting" in (await asked(loop, "/readyz"))[1]["details"]

    await until(has_looked, "what waits was measured")
    _, said = await asked(loop, "/readyz")
    assert set(said["details"]["waiting"]) >= {"outbox", "parked", "pool", "offers_overdue", "held"}
    assert set(said["details"]["lag"]) == {"marketing.leads", "sales.activities", "sales.deals"}
    assert said["details"]["pool"]["size"] > 0
    _, page = await asked(loop, "/metrics")
    for line in (
        'leadloop_waiting{queue="pool"} 0.0',
        'leadloop_waiting_oldest_seconds{queue="outbox"} 0.0',
        'leadloop_consumer_lag{group="handoff",topic="marketing.leads"} 0.0',
        "leadloop_database_pool_size",
        "leadloop_database_pool_in_use",
    ):
        assert line in page
    assert "_created" not in page


async def test_there_is_no_work_before_the_migrations(
    one_behind: str, keys: Keys, kafka_bootstrap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await create_topics(kafka_bootstrap, PREFIX)
    addresses = {
        "HANDOFF_DATABASE_URL": one_behind,
        "KAFKA_BOOTSTRAP": kafka_bootstrap,
        "TOPIC_PREFIX": PREFIX,
    }
    for name, value in {**keys.environment("handoff"), **addresses}.items():
        monkeypatch.setenv(name, value)
    worker = create(Settings())
    engine = create_engine(one_behind)
    health = Health(engine, worker.settings.migrations)

    ready = asyncio.create_task(_servers_are_ready(worker, engine, brokers.of(worker.settings)))
    _, waits = await asyncio.wait([ready], timeout=4)
    said = (await health.checks())["database"]
    await migrate.upgrade(one_behind, "handoff")

    assert waits
    assert "migrations missing" in said
    assert await asyncio.wait_for(ready, 10)
    await engine.dispose()


KNOWN = {
    "plumbing_0001": None,
    "plumbing_0002": "plumbing_0001",
    "shop_0001": None,
    "shop_0002": "shop_0001",
}


@pytest.mark.parametrize(
    ("applied", "lacks"),
    [
        ({"plumbing_0002", "shop_0002"}, False),
        ({"plumbing_0002", "shop_0001"}, True),
        ({"plumbing_0001", "shop_0002"}, True),
        ({"plumbing_0002"}, True),
        (set(), True),
        # newer than the code: the release before goes on while the next one is rolled out
        ({"plumbing_0002", "shop_0003"}, False),
        ({"plumbing_0003", "shop_0003"}, False),
        ({"plumbing_0001", "shop_0003"}, True),
        ({"plumbing_0002", "other_0009"}, True),
    ],
)
def test_what_a_database_lacks(
    applied: set[str], *, lacks: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for revision, before in KNOWN.items():
        text = (
            f'revision = "{revision}"\ndown_revision = {f"{chr(34)}{before}{chr(34)}" if before else None}\n'
        )
        (tmp_path / f"{revision}.py").write_text(text)
    monkeypatch.setattr(schema_state, "PLUMBING", tmp_path)
    schema_state._known.cache_clear()

    assert schema_state.lacks(applied, tmp_path) is lacks
    schema_state._known.cache_clear()
