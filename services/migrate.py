"""Bringing the three databases to the newest schema, and seeing whether models and migrations agree.

The one module that knows the tables of all services.
"""

from collections.abc import Mapping
from pathlib import Path

from services.handoff.tables import metadata as handoff
from services.marketing.tables import metadata as marketing
from services.sales.tables import metadata as sales
from shared.migrations import migrate as migrations
from shared.migrations.migrate import Schema

HERE = Path(__file__).parent
SCHEMAS = {
    name: Schema(name, metadata, HERE / name / "migrations/versions")
    for name, metadata in (("marketing", marketing), ("handoff", handoff), ("sales", sales))
}


async def migrate(urls: Mapping[str, str]) -> None:
    """Run what is missing, database by database: Alembic keeps its context in module globals."""
    for service, url in urls.items():
        await upgrade(url, service)


async def upgrade(url: str, service: str) -> None:
    """Run every migration that this database of the service misses."""
    await migrations.upgrade(url, SCHEMAS[service])


async def drift(url: str, service: str) -> list[str]:
    """What the models say and the migrated database doesn't, or the other way round; empty when in step."""
    return await migrations.drift(url, SCHEMAS[service])
