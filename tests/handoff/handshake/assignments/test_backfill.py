"""Leads dated in the past: known, never offered unless asked, and never before a live one."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from shared.events.marketing import LeadQualified
from tests.handoff.samples import House, lead_qualified
from tests.support.samples import NOON


def of_the_past(**changes: Any) -> LeadQualified:
    return lead_qualified(**({"backfilled": True, "hand_raiser": True, "country": "NZ"} | changes))


def ids(leads: Sequence[LeadQualified]) -> set[str]:
    return {str(lead.lead_id) for lead in leads}


async def listed(house: House, state: str) -> set[str]:
    page = await house.done("admin", "boss", "GET", "/v1/pool", params={"state": state, "limit": 200})
    assert all(each["backfilled"] for each in page["items"] if state == "held")
    return {each["lead_id"] for each in page["items"]}


async def turns(house: House) -> dict[str, float]:
    """Received by ledger, over all reps."""
    report = await house.done("admin", "boss", "GET", "/v1/reports/fairness")
    assert all(ledger["proof"]["holds"] for ledger in report["ledgers"])
    return {each["band"]: sum(rep["received"] for rep in each["reps"]) for each in report["ledgers"]}


async def test_a_load_of_history_is_held_and_the_live_lead_after_it_is_offered_at_once(house: House) -> None:
    await house.hire("ana", capacity=5)
    history = [of_the_past() for _ in range(12)]
    live = lead_qualified(hand_raiser=True, country="NZ")

    await house.hear(*history)
    await house.tick()
    await house.hear(live)

    assert [offer["lead"]["lead_id"] for offer in await house.offers()] == [str(live.lead_id)]
    assert await turns(house) == {"hot": 1}
    assert await listed(house, "held") == ids(history)
    assert await listed(house, "pool") == set()
    assert await house.told_types() == ["lead_assigned"]


async def test_history_starts_no_clock_and_goes_back_to_nobody(house: House) -> None:
    await house.hire("ana", capacity=5)
    await house.hear(*[of_the_past() for _ in range(3)])

    await house.run("UPDATE leads SET received_at = now() - interval '90 days'")
    await house.tick()

    assert await house.offers() == []
    assert await house.told() == []
    report = await house.done("admin", "boss", "GET", "/v1/reports/speed-to-lead")
    assert report["total"]["leads"] == 0


async def test_asked_for_it_is_offered_after_every_live_one_and_leaves_a_place(house: House) -> None:
    await house.hire("ana", capacity=3)
    asked = [of_the_past(route=True, qualified_at=NOON + timedelta(days=1)) for _ in range(4)]
    live = [lead_qualified(score=10, qualified_at=NOON - timedelta(days=n)) for n in range(1, 3)]

    await house.hear(*asked, live[0])
    first = {offer["lead"]["lead_id"] for offer in await house.offers()}
    await house.tick()
    then = {offer["lead"]["lead_id"] for offer in await house.offers()}
    await house.hear(live[1])
    last = {offer["lead"]["lead_id"] for offer in await house.offers()}

    assert first == ids(live[:1])
    assert (len(then), len(then & ids(asked))) == (2, 1)
    assert last == then | ids(live[1:])
    assert await turns(house) == {"backfill": 1, "warm": 2}
    assert len(await listed(house, "pool")) == 3


async def test_a_live_lead_that_waits_is_served_before_the_past(house: House) -> None:
    asked, live = of_the_past(route=True), lead_qualified(score=10, qualified_at=NOON - timedelta(days=9))
    await house.hear(asked)
    await house.hear(live)

    await house.hire("ana", capacity=1)
    await house.tick()

    assert await house.holder(live) == "ana"
    assert await listed(house, "pool") == ids([asked])


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("route", [True, False])
async def test_a_person_of_the_past_who_writes_is_a_live_lead(
    house: House, *, at_once: bool, route: bool
) -> None:
    """The next cycle overtakes what is held or waits, also when both come in one batch."""
    await house.hire("ana", capacity=1)
    past = of_the_past(route=route)
    live = past.model_copy(update={"cycle": 2, "version": 2, "backfilled": False, "route": False})

    for events in [(past, live)] if at_once else [(past,), (live,)]:
        await house.hear(*events)
    await house.tick()

    [offer] = await house.offers()
    assert (offer["lead"]["cycle"], offer["lead"]["state"], offer["band"]) == (2, "offered", "hot")
    rows = await house.run("SELECT cycle, state FROM leads ORDER BY cycle")
    assert [tuple(row) for row in rows] == [(1, "superseded"), (2, "offered")]


async def test_an_offer_of_the_past_that_lapses_or_is_declined_goes_on_in_its_own_ledger(
    house: House,
) -> None:
    for name in ("ana", "ben", "cleo"):
        await house.hire(name)
    lead = of_the_past(route=True)
    await house.hear(lead)
    await house.tick()

    await house.lapse(lead)
    await house.tick()
    await house.answer(lead, "decline", reason="not_a_fit")

    assert [offer["band"] for offer in await house.offers()] == ["backfill"] * 3
    assert await turns(house) == {"backfill": 2}
