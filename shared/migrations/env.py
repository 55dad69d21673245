"""Alembic's entry: runs the plumbing branch and one service's branch on the connection it is given."""

import asyncio
from typing import Any

from alembic import context
from sqlalchemy import Connection

from shared.database.sessions import create_engine
from shared.migrations.migrate import include_object, metadata_of, url_of


def run(connection: Connection) -> None:
    # A migration that waits for a lock makes everybody behind it wait too: give up soon, try again.
    connection.exec_driver_sql("SET lock_timeout = '3s'")
    connection.exec_driver_sql("SET statement_timeout = '5min'")
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata_of(context.config.get_main_option("service") or ""),
        include_object=include_object,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_from_command_line() -> None:
    engine = create_engine(url_of(context.config.get_main_option("service") or ""))
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()


given: Any = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    asyncio.run(run_from_command_line())
