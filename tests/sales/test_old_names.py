"""The code that ran before the tables were renamed reads, locks and writes through the old names.

Its kinds of statements are kept here as they were. They go with the views.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest
from alembic import command

from services import migrate
from services.sales.tables import metadata
from shared import clock
from shared.database.sessions import Driver, connect, create_engine
from shared.migrations.migrate import configuration
from tests.support.databases import empty_database

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OPEN = """
INSERT INTO deal (
    id, lead_id, cycle, contact_ids, rep_id, opened_at, stage_since, origin, pipeline_id, stage, currency)
SELECT id, lead_id, cycle, ARRAY[id], rep_id, $5, $5, 'lead', (SELECT id FROM pipeline), 'new', 'EUR'
FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::uuid[]) AS accepted (id, lead_id, cycle, rep_id)
ON CONFLICT (lead_id, cycle) DO NOTHING
RETURNING id
"""
COPY = """
INSERT INTO rep (id, subject, display_name, team_id, team_name, manager_subject, active, version, changed_at)
VALUES ($1, 'ana', $2, $1, 'Sales', NULL, true, $3, now())
ON CONFLICT (id) DO UPDATE SET display_name = EXCLUDED.display_name, version = EXCLUDED.version
WHERE rep.version < EXCLUDED.version
"""


@pytest.fixture
async def old(sales_database: str) -> AsyncIterator[Driver]:
    connection = await connect(sales_database, application="old")
    yield connection
    await connection.close()


async def opened(connection: Driver, lead_id: UUID) -> list[UUID]:
    ids = [[clock.new_id()], [lead_id], [1], [clock.new_id()]]
    return [row["id"] for row in await connection.fetch(OPEN, *ids, NOW)]


async def test_a_deal_is_opened_once_with_the_defaults_of_the_table(old: Driver) -> None:
    lead_id = clock.new_id()
    [deal_id] = await opened(old, lead_id)
    assert await opened(old, lead_id) == []
    row = await old.fetchrow("SELECT state, version, revision, recorded_at FROM deal WHERE id = $1", deal_id)
    assert row is not None
    assert tuple(row)[:3] == ("open", 1, 1)
    assert row["recorded_at"] is not None
    assert await old.fetchval("SELECT count(*) FROM deals WHERE id = $1", deal_id) == 1


async def test_an_older_fact_about_a_rep_changes_nothing(old: Driver) -> None:
    rep_id = clock.new_id()
    for version, name in ((2, "Ana"), (1, "Old"), (3, "Anna")):
        await old.execute(COPY, rep_id, name, version)
    assert await old.fetchval("SELECT display_name FROM rep") == "Anna"


async def test_a_lock_through_the_old_name_holds_the_row_of_the_new_one(
    old: Driver, sales_database: str
) -> None:
    [deal_id] = await opened(old, clock.new_id())
    new = await connect(sales_database, application="new", lock_timeout="100ms")
    async with old.transaction():
        await old.fetch("SELECT deal.id FROM deal WHERE deal.id = $1 FOR UPDATE OF deal", deal_id)
        with pytest.raises(asyncpg.LockNotAvailableError):
            await new.execute("UPDATE deals SET stage = 'demo' WHERE id = $1", deal_id)
        await old.execute(
            "UPDATE deal SET stage = 'demo', revision = deal.revision + 1 WHERE id = $1", deal_id
        )
    assert await new.fetchval("SELECT stage FROM deals WHERE id = $1", deal_id) == "demo"
    await new.close()


async def test_two_that_open_the_same_deal_at_once_make_one(old: Driver, sales_database: str) -> None:
    others = [await connect(sales_database, application="old") for _ in range(4)]
    lead_id = clock.new_id()
    made = await asyncio.gather(*(opened(one, lead_id) for one in others))
    assert sum(map(len, made)) == 1
    for one in others:
        await one.close()


async def test_what_the_tables_refuse_is_refused_through_the_old_names(old: Driver) -> None:
    [deal_id] = await opened(old, clock.new_id())
    with pytest.raises(asyncpg.CheckViolationError):
        await old.execute("UPDATE deal SET state = 'won' WHERE id = $1", deal_id)
    payment = "INSERT INTO payment (id, deal_id, amount_minor, currency, reference, paid_on, by) "
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await old.execute(payment + "VALUES ($1, $1, 1, 'EUR', 'r', '2026-01-01', 'ana')", clock.new_id())


async def test_a_process_goes_on_while_the_tables_are_renamed_under_it() -> None:
    async with empty_database("sales") as url:
        engine = create_engine(url)
        async with engine.connect() as connection:
            await connection.run_sync(
                lambda sync: command.upgrade(configuration(migrate.SCHEMAS["sales"], sync), "sales_0001")
            )
        await engine.dispose()
        old = await connect(url, application="old")
        assert await old.fetchval("SELECT to_regclass('deals')") is None
        lead_id = clock.new_id()
        before = await opened(old, lead_id)

        await migrate.upgrade(url, "sales")

        assert await opened(old, lead_id) == []  # by the statement it has prepared on the table
        assert len(await opened(old, clock.new_id())) == 1
        found = await old.fetch("SELECT id FROM deals WHERE lead_id = $1", lead_id)
        assert [row["id"] for row in found] == before
        await old.close()


async def test_what_belongs_to_a_table_is_named_after_it(old: Driver) -> None:
    names = await old.fetch(
        "SELECT conname AS name, conrelid::regclass::text AS of FROM pg_constraint WHERE contype <> 'n' "
        "UNION SELECT indexrelid::regclass::text, indrelid::regclass::text FROM pg_index"
    )
    sales = [row for row in names if row["of"] in metadata.tables]
    assert {row["name"] for row in sales if f"_{row['of']}" not in row["name"]} == set()
    assert len(sales) > 30
