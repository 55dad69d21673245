"""A running loop of its own for each test that takes Kafka or a database away."""

from collections.abc import AsyncIterator

import pytest

from tests.support.keys import Keys
from tests.support.loop import Loop, running_loop


@pytest.fixture
async def loop(
    keys: Keys, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Loop]:
    """With the addresses in the environment, as an operator has them."""
    async with running_loop(keys, tmp_path_factory.mktemp("loop")) as running:
        for service, url in running.databases.items():
            monkeypatch.setenv(f"{service.upper()}_DATABASE_URL", url)
        monkeypatch.setenv("KAFKA_BOOTSTRAP", running.bootstrap)
        monkeypatch.setenv("TOPIC_PREFIX", running.prefix)
        monkeypatch.setenv("COLUMNS", "200")
        yield running
