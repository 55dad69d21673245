"""Alembic's entry: runs the plumbing branch and one service's branch on the connection it is given."""

import asyncio
import os
from importlib import import_module
from typing import Any

from alembic import context
from sqlalchemy import Connection

from shared.database.sessions import create_engine
from shared.migrations.migrate import include_object


def named(option: str) -> str:
    """What the section of alembic.ini says."""
    return context.config.get_main_option(option) or ""


def metadata() -> Any:
    """What the program hands over; for commands typed by hand, what the module named in alembic.ini knows."""
    given = context.config.attributes.get("metadata")
    return given or import_module(named("schemas")).SCHEMAS[named("service")].metadata


def run(connection: Connection) -> None:
    # A migration that waits for a lock makes everybody behind it wait too: give up soon, try again.
    connection.exec_driver_sql("SET lock_timeout = '3s'")
    connection.exec_driver_sql("SET statement_timeout = '5min'")
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata(),
        include_object=include_object,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_from_command_line() -> None:
    engine = create_engine(os.environ[named("database_url")])
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()


given: Any = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    asyncio.run(run_from_command_line())
