"""Brings a service's database to the newest schema: the plumbing branch, then the service's own."""

import os
from importlib import import_module
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData

from shared.database import edge_tables, metadata, schema_state
from shared.database.sessions import create_engine, create_sessions
from shared.messaging import inbox, outbox, outbox_partitions, parking

SERVICES = ("marketing", "handoff", "sales")
# Imported for their tables: the metadata is whole only once every plumbing module has spoken.
PLUMBING = (outbox, inbox, parking, edge_tables)


def url_of(service: str) -> str:
    return os.environ[f"{service.upper()}_DATABASE_URL"]


def metadata_of(service: str) -> Any:
    """Both metadata a service's database is made of; Alembic takes a list, its types say it does not."""
    tables = import_module(f"services.{service}.tables")
    own: MetaData = tables.metadata
    return [metadata.metadata, own]


def include_object(thing: Any, name: str | None, kind: str, reflected: bool, _: Any) -> bool:  # noqa: FBT001
    """Daily partitions are made by the worker, not by a migration."""
    return not (kind == "table" and reflected and (name or "").startswith(("outbox_p2", "outbox_default")))


def configuration(service: str, connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(schema_state.ROOT / "shared/migrations"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(map(str, schema_state.folders(service))))
    config.set_main_option("service", service)
    config.attributes["connection"] = connection
    return config


async def upgrade(url: str, service: str) -> None:
    """Run every migration that is missing, and make the outbox's next daily partitions."""
    engine = create_engine(url, application=f"leadloop-migrate-{service}")
    try:
        async with engine.connect() as connection:
            await connection.run_sync(lambda sync: command.upgrade(configuration(service, sync), "heads"))
        sessions = create_sessions(engine)
        async with sessions.begin() as session:
            await outbox_partitions.make_ahead(session)
    finally:
        await engine.dispose()


async def drift(url: str, service: str) -> list[str]:
    """What the models say and the migrated database doesn't, or the other way round; empty when in step."""
    engine = create_engine(url)

    def compare(connection: Connection) -> list[str]:
        context = MigrationContext.configure(
            connection, opts={"include_object": include_object, "target_metadata": metadata_of(service)}
        )
        return [str(difference) for difference in compare_metadata(context, metadata_of(service))]

    try:
        async with engine.connect() as connection:
            return await connection.run_sync(compare)
    finally:
        await engine.dispose()
