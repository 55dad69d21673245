"""Who the lead is: shown by marketing, as far as the caller holds it by now."""

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from shared.database.sessions import create_engine, create_sessions, driver
from tests.handoff.samples import House, lead_qualified
from tests.support.apps import serving
from tests.support.keys import Keys
from tests.support.next_door import NextDoor, next_door


@pytest.fixture
async def door() -> AsyncIterator[NextDoor]:
    async with next_door() as marketing:
        yield marketing


@pytest.fixture
async def house(
    handoff_database: str, keys: Keys, monkeypatch: pytest.MonkeyPatch, door: NextDoor
) -> AsyncIterator[House]:
    engine = create_engine(handoff_database)
    async with serving("handoff", handoff_database, keys, monkeypatch, MARKETING_URL=door.address) as (
        _,
        client,
    ):
        yield House(client, create_sessions(engine), keys)
    await engine.dispose()


async def offered(house: House, door: NextDoor) -> dict[str, Any]:
    """An offer to Ana, as she sees it."""
    await house.hire("ana")
    lead = lead_qualified()
    door.known[str(lead.contact_id)] = {"status": "available", "name": "Kim Kern", "email": "kim@x.example"}
    await house.hear(lead)
    [offer] = (await house.done("rep", "ana", "GET", "/v1/assignments"))["items"]
    return dict(offer)


async def test_marketing_is_told_what_the_caller_holds(house: House, door: NextDoor) -> None:
    offer = await offered(house, door)
    await house.done("admin", "boss", "GET", f"/v1/assignments/{offer['id']}")
    await house.done("rep", "ana", "POST", f"/v1/assignments/{offer['id']}/accept")

    asked = [question for _, _, question in door.asked]
    assert [(one["asked_by"], one["roles"]) for one in asked] == [
        ("ana", ["rep"]),
        ("boss", ["admin"]),
        ("ana", ["rep"]),
    ]
    lead = {"contact_id": offer["lead"]["contact_id"], "lead_id": offer["lead"]["lead_id"], "cycle": 1}
    assert [one["held"] for one in asked] == [
        [lead | {"version": 1, "state": "offered"}],
        [],
        [lead | {"version": 2, "state": "accepted"}],
    ]


async def test_accepting_shows_the_person_once_it_is_done(house: House, door: NextDoor) -> None:
    offer = await offered(house, door)

    async def states() -> list[str]:
        async with house.sessions() as session:
            rows = await (await driver(session)).fetch("SELECT state FROM assignments")
            return [row["state"] for row in rows]

    door.look = states
    path = f"/v1/assignments/{offer['id']}/accept"
    headers = house.keys.as_("rep", subject="ana") | {"idempotency-key": "yes"}
    accepted = await house.http.post(path, headers=headers)
    again = await house.http.post(path, headers=headers)

    assert accepted.status_code == 200
    assert (accepted.json()["state"], accepted.json()["contact"]["email"]) == ("accepted", "kim@x.example")
    assert door.seen == [["accepted"]]  # it was committed when marketing was asked
    assert (again.status_code, again.json()) == (200, accepted.json() | {"contact": None})


async def test_accepting_is_done_though_marketing_is_away(house: House, door: NextDoor) -> None:
    offer = await offered(house, door)
    door.known.clear()
    door.hangs = 5
    began = time.perf_counter()
    accepted = await house.done("rep", "ana", "POST", f"/v1/assignments/{offer['id']}/accept")

    assert (accepted["state"], accepted["contact"]["status"]) == ("accepted", "unavailable")
    assert time.perf_counter() - began < 2  # and not the five of whoever hangs


async def test_who_declined_tells_of_no_hold(house: House, door: NextDoor) -> None:
    offer = await offered(house, door)
    await house.done("rep", "ana", "POST", f"/v1/assignments/{offer['id']}/decline", json={"reason": "busy"})
    await house.done("rep", "ana", "GET", f"/v1/assignments/{offer['id']}")

    assert door.asked[-1][2]["held"] == []
