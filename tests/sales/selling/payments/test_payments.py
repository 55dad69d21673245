import asyncio
from typing import Any

import pytest
from httpx import AsyncClient

from shared.database.sessions import Sessions
from tests.sales.samples import Desk, codes, deliver, euros, lead_accepted, rep_changed
from tests.support.apps import serving
from tests.support.keys import Keys


def payment(reference: str = "INV-1", **changes: Any) -> dict[str, Any]:
    return {"amount": euros("10.00"), "paid_on": "2026-01-05", "reference": reference} | changes


async def test_a_reference_is_booked_once_even_when_sent_at_once(deal: dict[str, Any], ana: Desk) -> None:
    path = f"/v1/deals/{deal['id']}"

    answers = await asyncio.gather(*(ana.post(f"{path}/payments", payment()) for _ in range(4)))
    other = await ana.post(f"{path}/payments", payment("INV-2"))
    clash = await ana.post(f"{path}/payments", payment(amount=euros("11.00")))

    assert codes([*answers, other, clash]) == [201] * 5 + [409]
    assert len({answer.json()["id"] for answer in answers}) == 1
    page = (await ana.get(path)).json()
    assert (len(page["payments"]), page["collected"]) == (2, euros("20.00"))


async def test_a_payment_is_in_the_currency_of_the_deal_and_not_of_tomorrow(
    deal: dict[str, Any], ana: Desk
) -> None:
    path = f"/v1/deals/{deal['id']}/payments"
    wrong = (
        {"amount": {"amount": "1.00", "currency": "USD"}},
        {"paid_on": "2126-01-05"},
        {"amount": euros("0.00")},
        {"reference": "what a reference"},
    )

    assert codes([await ana.post(path, payment(**each)) for each in wrong]) == [422] * 4


async def test_nothing_is_paid_on_a_lost_deal(deal: dict[str, Any], ana: Desk) -> None:
    path = f"/v1/deals/{deal['id']}"
    await ana.post(f"{path}/lose", {"reason": "price"})

    answer = await ana.post(f"{path}/payments", payment())

    assert answer.status_code == 409
    assert "lost" in answer.json()["detail"]


async def test_where_payment_is_asked_for_it_comes_before_the_win(
    sales_database: str, sales_sessions: Sessions, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    await deliver(sales_sessions, rep_changed(), lead_accepted())
    client: AsyncClient
    async with serving("sales", sales_database, keys, monkeypatch, WIN_NEEDS_PAYMENT="true") as (_, client):
        ana = Desk(client, keys, "rep", "ana")
        [deal] = (await ana.get("/v1/deals")).json()["items"]
        path = f"/v1/deals/{deal['id']}"
        await ana.post(f"{path}/stage", {"stage": "demo"})

        unpaid = await ana.post(f"{path}/win", {"amount": euros("10.00")})
        await ana.post(f"{path}/payments", payment())
        paid = await ana.post(f"{path}/win", {"amount": euros("10.00")})

    assert codes([unpaid, paid]) == [409, 200]
    assert "unpaid" in unpaid.json()["detail"]
