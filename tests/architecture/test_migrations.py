"""What the models say and what the migrations build is the same, and a difference is noticed."""

import asyncpg
import pytest

from services import migrate
from tests.support.databases import fresh_database


@pytest.mark.parametrize("service", migrate.SCHEMAS)
async def test_migrations_are_in_step_with_the_models(service: str) -> None:
    async with fresh_database(service) as url:
        assert await migrate.drift(url, service) == []


async def test_a_missing_column_is_noticed() -> None:
    async with fresh_database("sales") as url:
        connection = await asyncpg.connect(url)
        await connection.execute("ALTER TABLE outbox_parked DROP COLUMN note")
        await connection.close()

        assert any("note" in difference for difference in await migrate.drift(url, "sales"))
