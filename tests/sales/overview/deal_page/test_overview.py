"""One deal with everything around it, the people included; whatever marketing does."""

import asyncio
from typing import Any

import pytest
from httpx import AsyncClient

from shared.clients import breaker
from shared.database.sessions import Sessions
from tests.sales.samples import ANA, BEN, NORTH, Desk, deliver, euros, lead_accepted, rep_changed
from tests.support.apps import serving
from tests.support.keys import Keys
from tests.support.next_door import next_door


async def test_the_page_of_a_deal_shows_what_happened_around_it(
    deal: dict[str, Any], ana: Desk, fay: Desk
) -> None:
    path = f"/v1/deals/{deal['id']}"
    await ana.post(f"{path}/stage", {"stage": "demo"})
    await ana.post(f"{path}/activities", {"kind": "demo", "due_at": "2027-01-01T10:00:00Z"})
    booked = {"amount": euros("5.00"), "paid_on": "2026-01-05", "reference": "INV-1"}
    await fay.post(f"{path}/payments", booked)

    page = (await ana.get(path)).json()

    assert [len(page[part]) for part in ("history", "activities", "payments")] == [1, 1, 1]
    assert page["collected"] == euros("5.00")


async def test_without_marketing_the_deal_still_shows(
    sales_database: str, sales_sessions: Sessions, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = lead_accepted()
    await deliver(sales_sessions, rep_changed(), lead)

    page = await page_of(sales_database, keys, monkeypatch, marketing="http://127.0.0.1:9")

    assert [(card["contact_id"], card["status"]) for card in page["contacts"]] == [
        (str(lead.contact_id), "unavailable")
    ]


async def test_the_person_is_asked_of_marketing_as_sales(
    sales_database: str, sales_sessions: Sessions, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = lead_accepted()
    await deliver(sales_sessions, rep_changed(), lead)

    async with next_door() as marketing:
        marketing.known[str(lead.contact_id)] = {"status": "available", "name": "Kim Example"}
        page = await page_of(sales_database, keys, monkeypatch, marketing=marketing.address)

    assert [card["name"] for card in page["contacts"]] == ["Kim Example"]
    [(_, credential, question)] = marketing.asked
    assert credential.startswith("Bearer ")
    assert question == {
        "contact_ids": [str(lead.contact_id)],
        "asked_by": "ana",
        "kind": "person",
        "roles": ["rep"],
        "held": [],
        "background": True,
    }


async def page_of(
    database: str, keys: Keys, monkeypatch: pytest.MonkeyPatch, *, marketing: str
) -> dict[str, Any]:
    """The page of the one deal there is."""
    client: AsyncClient
    async with serving("sales", database, keys, monkeypatch, MARKETING_URL=marketing) as (_, client):
        ana = Desk(client, keys, "rep", "ana")
        [deal] = (await ana.get("/v1/deals")).json()["items"]
        answer = await ana.get(f"/v1/deals/{deal['id']}")
        assert answer.status_code == 200
        return dict(answer.json())


async def test_a_hanging_marketing_costs_one_page_and_no_other(
    sales_database: str, sales_sessions: Sessions, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D16: every click waited for seconds. Whether it is back is found out without a page waiting for it."""
    lead = lead_accepted()
    await deliver(sales_sessions, rep_changed(), lead)
    client: AsyncClient
    async with (
        next_door() as marketing,
        serving("sales", sales_database, keys, monkeypatch, MARKETING_URL=marketing.address) as (_, client),
    ):
        marketing.known[str(lead.contact_id)] = {"status": "available", "name": "Kim Example"}
        ana = Desk(client, keys, "rep", "ana")
        [deal] = (await ana.get("/v1/deals")).json()["items"]

        async def status() -> str:
            page = (await ana.get(f"/v1/deals/{deal['id']}")).json()
            return str(page["contacts"][0]["status"])

        monkeypatch.setattr(breaker, "BREAK_SECONDS", 2)
        marketing.hangs = 1
        assert [await status(), await status(), await status()] == ["unavailable"] * 3
        assert len(marketing.asked) == 1  # the first waited; the others did not ask

        marketing.hangs = 0.1
        await asyncio.sleep(2.1)
        assert await status() == "unavailable"
        for _ in range(40):
            if (seen := await status()) == "available":
                break
            await asyncio.sleep(0.05)
        assert seen == "available"


async def test_the_page_shows_what_came_before_and_the_companys_other_deals(
    sales_database: str, sales_sessions: Sessions, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D2 and D12: on the deal, too, for its owner."""
    lead = lead_accepted()
    colleague = lead_accepted(company_id=lead.company_id, rep_id=BEN, team_id=NORTH)
    elsewhere = lead_accepted(rep_id=BEN, team_id=NORTH)
    await deliver(sales_sessions, rep_changed(), rep_changed(BEN), lead, colleague, elsewhere)

    async with (
        next_door() as marketing,
        serving("sales", sales_database, keys, monkeypatch, MARKETING_URL=marketing.address) as (_, client),
    ):
        ana, noa = Desk(client, keys, "rep", "ana"), Desk(client, keys, "sales_manager", "noa")
        [deal] = (await ana.get("/v1/deals")).json()["items"]
        beside = {"deal_id": deal["id"], "of": "person", "state": "open"}
        lost = {"deal_id": str(ANA), "of": "company", "state": "lost", "rep_name": "Cleo"}
        marketing.known[str(lead.contact_id)] = {
            "status": "available",
            "background": {"touches_in_all": 3, "deals": [beside, lost]},
        }
        page = (await ana.get(f"/v1/deals/{deal['id']}")).json()
        theirs = {each["lead_id"]: each["id"] for each in (await noa.get("/v1/deals")).json()["items"]}

    [card] = page["contacts"]
    assert marketing.asked[0][2]["background"] is True
    assert card["background"]["touches_in_all"] == 3
    assert [each["rep_name"] for each in card["background"]["deals"]] == ["Cleo"]
    [other] = page["company_deals"]
    assert (other["id"], other["rep_name"]) == (theirs[str(colleague.lead_id)], "Ben")
    assert "amount" not in other
