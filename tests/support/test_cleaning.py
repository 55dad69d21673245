"""A database that a test has had is as good as new for the next one, or is not given to it."""

import asyncpg
import pytest

from shared.database.sessions import driver_url
from tests.support.databases import fresh_database

# What each service's database shows of what a test may do to it.
LEFT = (
    "INSERT INTO outbox_pending (id, created_at) VALUES (nextval('outbox_id_seq'), now())",
    "DELETE FROM stages",
    "UPDATE pipelines SET name = 'Mine'",
)
SEEN = """
SELECT (SELECT count(*) FROM outbox_pending),
       (SELECT string_agg(s::text, '|' ORDER BY s::text) FROM stages s),
       (SELECT string_agg(name, '|' ORDER BY name) FROM pipelines), (SELECT last_value FROM outbox_id_seq),
       (SELECT is_called FROM outbox_id_seq)
"""


async def _ask(url: str, *statements: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(driver_url(url))
    try:
        for statement in statements:
            await connection.execute(statement)
        return list(await connection.fetch(SEEN))
    finally:
        await connection.close()


async def test_rows_and_sequences_are_those_of_the_migrations_again() -> None:
    async with fresh_database("sales") as url:
        before, left = await _ask(url), await _ask(url, *LEFT)
    async with fresh_database("sales") as again:
        found = await _ask(again)

    assert again == url
    assert left != before == found


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE mine ()",
        "ALTER TABLE deals ALTER COLUMN version DROP NOT NULL",
        "ALTER TABLE deals ADD CONSTRAINT mine CHECK (false) NOT VALID",
        "CREATE FUNCTION mine() RETURNS int RETURN 1",
        "REVOKE INSERT ON deals FROM sales_tests",
        "DROP INDEX ix_outbox_parked_waiting",
    ],
)
async def test_a_database_of_another_shape_is_given_to_nobody(change: str) -> None:
    async with fresh_database("sales") as url:
        await _ask(url, change)
    async with fresh_database("sales") as other:
        assert other != url


async def test_who_is_still_connected_is_taken_off() -> None:
    async with fresh_database("sales") as url:
        forgotten = await asyncpg.connect(driver_url(url))
        transaction = forgotten.transaction()
        await transaction.start()
        await forgotten.execute("LOCK TABLE deals")
    async with fresh_database("sales") as again:
        await _ask(again, "DELETE FROM deals")

    assert again == url
    assert forgotten.is_closed()
