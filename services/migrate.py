"""Bringing the three databases to the newest schema, and seeing whether models and migrations agree.

`python -m services.migrate` migrates three empty databases on a server of its own, and compares.
"""

import asyncio
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from shared.migrations.migrate import SERVICES, drift, upgrade


async def migrate(urls: Mapping[str, str]) -> None:
    """Run what is missing, database by database: Alembic keeps its context in module globals."""
    for service, url in urls.items():
        await upgrade(url, service)


async def differences(urls: Mapping[str, str]) -> list[str]:
    """What the models say and the migrated databases don't, or the other way round."""
    return [f"{service}: {found}" for service, url in urls.items() for found in await drift(url, service)]


async def _compare(urls: Mapping[str, str]) -> list[str]:
    await migrate(urls)
    return await differences(urls)


def check() -> int:
    """Exit code of `make check`'s look at the migrations."""
    from deploy.local.servers import running  # noqa: PLC0415 - the image has no servers

    with tempfile.TemporaryDirectory() as home, running(Path(home), kafka=False) as addresses:
        urls = {service: addresses.postgres_url_for(service) for service in SERVICES}
        found = asyncio.run(_compare(urls))
    for line in found:
        print(line)
    print(f"migrations: {len(found)} differences" if found else "migrations: in step with the models")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(check())
