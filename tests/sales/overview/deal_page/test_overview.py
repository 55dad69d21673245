"""One deal with everything around it, the people included; whatever marketing does."""

from typing import Any

import pytest
from httpx import AsyncClient

from shared.database.sessions import Sessions
from tests.sales.samples import Desk, deliver, euros, lead_accepted, rep_changed
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
