"""Handoff with its API, its database and nobody hired yet."""

import pytest
from httpx import AsyncClient

from shared.database.sessions import Sessions
from tests.handoff.samples import House
from tests.support.keys import Keys


@pytest.fixture(autouse=True)
def marketing_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever runs on this machine: these tests ask nobody for contact cards."""
    monkeypatch.setenv("MARKETING_URL", "http://127.0.0.1:9")


@pytest.fixture
async def house(handoff: AsyncClient, handoff_sessions: Sessions, keys: Keys) -> House:
    return House(handoff, handoff_sessions, keys)
