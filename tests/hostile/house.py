"""The three running services that are attacked: six real processes with databases and topics of their own."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from tests.support.keys import Keys
from tests.support.loop import Loop, running_loop
from tests.support.steward import Steward


@contextmanager
def servers() -> Iterator[None]:
    """PostgreSQL and Kafka, started when first asked for; stopped at the end, whatever happens."""
    steward = Steward()
    steward.start()
    try:
        yield
    finally:
        steward.stop()


@asynccontextmanager
async def attacked() -> AsyncIterator[Loop]:
    with tempfile.TemporaryDirectory(prefix="leadloop-hostile-") as name:
        folder = Path(name)
        (folder / "keys").mkdir()
        async with running_loop(Keys.make(folder / "keys"), folder) as loop:
            yield loop
