"""One running loop for all journeys of a test worker."""

from collections.abc import AsyncIterator

import pytest

from tests.support.keys import Keys
from tests.support.loop import Loop, running_loop


@pytest.fixture(scope="session")
async def loop(keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Loop]:
    async with running_loop(keys, tmp_path_factory.mktemp("loop")) as running:
        yield running
