import asyncio
from typing import Any

import pytest
from httpx import AsyncClient

from shared.database.sessions import Sessions
from tests.sales.samples import Desk, codes, deliver, euros, lead_accepted, rep_changed
from tests.support.apps import serving
from tests.support.keys import Keys
from tests.support.role_pairs import NOBODYS


def payment(reference: str = "INV-1", **changes: Any) -> dict[str, Any]:
    return {"amount": euros("10.00"), "paid_on": "2026-01-05", "reference": reference} | changes


async def test_a_reference_is_booked_once_even_when_sent_at_once(deal: dict[str, Any], fay: Desk) -> None:
    path = f"/v1/deals/{deal['id']}"

    answers = await asyncio.gather(*(fay.post(f"{path}/payments", payment()) for _ in range(4)))
    other = await fay.post(f"{path}/payments", payment("INV-2"))
    clash = await fay.post(f"{path}/payments", payment(amount=euros("11.00")))

    assert codes([*answers, other, clash]) == [201] * 5 + [409]
    assert len({answer.json()["id"] for answer in answers}) == 1
    page = (await fay.get(path)).json()
    assert (len(page["payments"]), page["collected"]) == (2, euros("20.00"))


async def test_a_payment_is_in_the_currency_of_the_deal_and_not_of_tomorrow(
    deal: dict[str, Any], fay: Desk
) -> None:
    path = f"/v1/deals/{deal['id']}/payments"
    wrong = (
        {"amount": {"amount": "1.00", "currency": "USD"}},
        {"paid_on": "2126-01-05"},
        {"amount": euros("0.00")},
        {"reference": "what a reference"},
    )

    assert codes([await fay.post(path, payment(**each)) for each in wrong]) == [422] * 4


async def test_nothing_is_paid_on_a_lost_deal(deal: dict[str, Any], ana: Desk, fay: Desk) -> None:
    path = f"/v1/deals/{deal['id']}"
    await ana.post(f"{path}/lose", {"reason": "price"})

    answer = await fay.post(f"{path}/payments", payment())

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
        by_her = await ana.post(f"{path}/payments", payment())
        still = await ana.post(f"{path}/win", {"amount": euros("10.00")})
        await Desk(client, keys, "finance", "fay").post(f"{path}/payments", payment())
        paid = await ana.post(f"{path}/win", {"amount": euros("10.00")})

    assert codes([unpaid, by_her, still, paid]) == [409, 403, 409, 200]
    assert "unpaid" in unpaid.json()["detail"]


@pytest.mark.parametrize(
    ("setting", "heard"),
    [
        ("false", {"ana": 403, "ben": 403, "mia": 403, "dan": 403}),
        ("true", {"ana": 201, "ben": 404, "mia": 201, "dan": 403}),
    ],
)
async def test_sellers_book_where_a_setting_lets_them_and_only_on_their_deals(
    sales_database: str,
    sales_sessions: Sessions,
    keys: Keys,
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
    heard: dict[str, int],
) -> None:
    await deliver(sales_sessions, rep_changed(), lead_accepted())
    roles = {"ana": ["rep"], "ben": ["rep"], "mia": ["sales_manager"], "dan": ["rep", "analyst"]}
    async with serving("sales", sales_database, keys, monkeypatch, REPS_BOOK_PAYMENTS=setting) as (_, client):
        [deal] = (await Desk(client, keys, "rep", "ana").get("/v1/deals")).json()["items"]
        path = f"/v1/deals/{deal['id']}/payments"
        answers = {}
        for name, theirs in roles.items():
            headers = keys.as_(*theirs, subject=name)
            answers[name] = (await client.post(path, json=payment(name), headers=headers)).status_code

    assert answers == heard


async def test_a_payment_providers_server_books_on_any_deal_and_no_other_server_does(
    sales: AsyncClient, keys: Keys, deal: dict[str, Any], fay: Desk
) -> None:
    path = f"/v1/deals/{deal['id']}/payments"
    heard = {}
    for scope in ("payments:write", "deals:read"):
        made = await sales.post(
            "/v1/api-keys", json={"name": scope, "scopes": [scope]}, headers=keys.as_("admin")
        )
        key = {"Authorization": f"Bearer {made.json()['key']}"}
        booked = await sales.post(path, json=payment(), headers=key)
        unknown = await sales.post(path.replace(deal["id"], NOBODYS), json=payment(), headers=key)
        seen = await sales.get(f"/v1/deals/{deal['id']}", headers=key)
        heard[scope] = (booked.status_code, unknown.status_code, seen.status_code)

    assert heard == {"payments:write": (201, 404, 403), "deals:read": (403, 403, 200)}
    [shown] = (await fay.get(path)).json()
    assert shown["reference"] == "INV-1"
