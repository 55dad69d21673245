"""Bringing the three databases to the newest schema, and seeing whether models and migrations agree."""

from collections.abc import Mapping

from shared.migrations.migrate import SERVICES as SERVICES
from shared.migrations.migrate import drift, upgrade


async def migrate(urls: Mapping[str, str]) -> None:
    """Run what is missing, database by database: Alembic keeps its context in module globals."""
    for service, url in urls.items():
        await upgrade(url, service)


async def differences(urls: Mapping[str, str]) -> list[str]:
    """What the models say and the migrated databases don't, or the other way round."""
    return [f"{service}: {found}" for service, url in urls.items() for found in await drift(url, service)]
