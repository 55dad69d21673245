"""Handoff with its API, its database and nobody hired yet."""

import pytest
from httpx import AsyncClient

from shared.database import Sessions
from tests.handoff.samples import House
from tests.support.keys import Keys


@pytest.fixture
async def house(handoff: AsyncClient, handoff_sessions: Sessions, keys: Keys) -> House:
    return House(handoff, handoff_sessions, keys)
