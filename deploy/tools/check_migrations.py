"""Whether models and migrations agree.

`python -m deploy.tools.check_migrations` migrates three empty databases on a server of its own, and compares.
"""

import asyncio
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from deploy.local.servers import running
from services.migrate import SCHEMAS, drift, migrate


async def _compare(urls: Mapping[str, str]) -> list[str]:
    await migrate(urls)
    return [f"{service}: {found}" for service, url in urls.items() for found in await drift(url, service)]


def check() -> int:
    """Exit code of `make check`'s look at the migrations."""
    with tempfile.TemporaryDirectory() as home, running(Path(home), kafka=False) as addresses:
        urls = {service: addresses.postgres_url_for(service) for service in SCHEMAS}
        found = asyncio.run(_compare(urls))
    for line in found:
        print(line)
    print(f"migrations: {len(found)} differences" if found else "migrations: in step with the models")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(check())
