"""People at their desks, a deal to work on."""

from collections.abc import Callable
from typing import Any

import pytest
from httpx import AsyncClient

from shared.database.sessions import Sessions
from tests.sales.samples import BEN, Desk, deliver, lead_accepted, rep_changed
from tests.support.keys import Keys


@pytest.fixture
def at_desk(sales: AsyncClient, keys: Keys) -> Callable[[str, str], Desk]:
    return lambda role, subject: Desk(sales, keys, role, subject)


@pytest.fixture
def ana(at_desk: Callable[[str, str], Desk]) -> Desk:
    """A rep of team South, whose manager is Mia."""
    return at_desk("rep", "ana")


@pytest.fixture
def ben(at_desk: Callable[[str, str], Desk]) -> Desk:
    """A rep of team North, whose manager is Noa."""
    return at_desk("rep", "ben")


@pytest.fixture
def noa(at_desk: Callable[[str, str], Desk]) -> Desk:
    """The manager of North, where ben is."""
    return at_desk("sales_manager", "noa")


@pytest.fixture
def mia(at_desk: Callable[[str, str], Desk]) -> Desk:
    return at_desk("sales_manager", "mia")


@pytest.fixture
def boss(at_desk: Callable[[str, str], Desk]) -> Desk:
    return at_desk("admin", "boss")


@pytest.fixture
async def two_reps(sales_sessions: Sessions) -> None:
    await deliver(sales_sessions, rep_changed(), rep_changed(BEN))


@pytest.fixture
async def deal(sales_sessions: Sessions, two_reps: None, ana: Desk) -> dict[str, Any]:
    """Ana's deal, opened from a lead, as she sees it."""
    await deliver(sales_sessions, lead_accepted())
    [found] = (await ana.get("/v1/deals")).json()["items"]
    return dict(found)


@pytest.fixture
def fay(at_desk: Callable[[str, str], Desk]) -> Desk:
    """Books payments."""
    return at_desk("finance", "fay")
