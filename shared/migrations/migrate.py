"""Brings a service's database to the newest schema: the plumbing branch, then the service's own."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData

from shared.database import edge_tables, metadata, schema_state
from shared.database.sessions import create_engine, create_sessions
from shared.messaging import inbox, outbox, outbox_partitions, parking

# Imported for their tables: the metadata is whole only once every plumbing module has spoken.
PLUMBING = (outbox, inbox, parking, edge_tables)


@dataclass(frozen=True, slots=True)
class Schema:
    """What one service's database is made of, besides the plumbing that all have."""

    name: str
    own: MetaData
    versions: Path  # its migrations

    @property
    def metadata(self) -> Any:
        """The plumbing's and its own; Alembic takes a list, its types say it does not."""
        return [metadata.metadata, self.own]


def include_object(thing: Any, name: str | None, kind: str, reflected: bool, _: Any) -> bool:  # noqa: FBT001
    """Daily partitions are made by the worker, not by a migration."""
    return not (kind == "table" and reflected and (name or "").startswith(("outbox_p2", "outbox_default")))


def configuration(schema: Schema, connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", f"{schema_state.PLUMBING}\n{schema.versions}")
    config.attributes.update(connection=connection, metadata=schema.metadata)
    return config


async def upgrade(url: str, schema: Schema) -> None:
    """Run every migration that is missing, and make the outbox's next daily partitions."""
    engine = create_engine(url, application=f"leadloop-migrate-{schema.name}")
    try:
        async with engine.connect() as connection:
            await connection.run_sync(lambda sync: command.upgrade(configuration(schema, sync), "heads"))
        sessions = create_sessions(engine)
        async with sessions.begin() as session:
            await outbox_partitions.make_ahead(session)
    finally:
        await engine.dispose()


async def drift(url: str, schema: Schema) -> list[str]:
    """What the models say and the migrated database doesn't, or the other way round; empty when in step."""
    engine = create_engine(url)

    def compare(connection: Connection) -> list[str]:
        context = MigrationContext.configure(
            connection, opts={"include_object": include_object, "target_metadata": schema.metadata}
        )
        return [str(difference) for difference in compare_metadata(context, schema.metadata)]

    try:
        async with engine.connect() as connection:
            return await connection.run_sync(compare)
    finally:
        await engine.dispose()
