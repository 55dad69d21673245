"""Who changed this deal."""

from typing import Any

from httpx import AsyncClient

from tests.sales.samples import Desk, euros
from tests.support.keys import Keys
from tests.support.trail import trail, untold


async def test_only_questions_leave_no_row(sales: AsyncClient) -> None:
    assert untold(sales._transport.app) == set()  # type: ignore[attr-defined]


async def test_who_changed_this_deal(
    sales: AsyncClient, keys: Keys, deal: dict[str, Any], ana: Desk, mia: Desk
) -> None:
    path = f"/v1/deals/{deal['id']}"
    await ana.patch(path, {"amount": euros("50.00")})
    await mia.patch(path, {"amount": euros("70.00"), "expected_close_on": "2027-01-31"})
    await ana.post(f"{path}/stage", {"stage": "demo"})

    told = await trail(sales, keys, object_kind="deals", object_id=deal["id"])
    assert [(one["subject"], one["route"]) for one in told] == [
        ("ana", "/v1/deals/{deal_id}/stage"),
        ("mia", "/v1/deals/{deal_id}"),
        ("ana", "/v1/deals/{deal_id}"),
    ]
    moved, priced, _ = [next(c["fields"] for c in one["changes"] if c["kind"] == "deals") for one in told]
    assert moved["stage"] == ["new", "demo"]
    assert priced["amount_minor"] == [5000, 7000]
    assert priced["expected_close_on"] == [None, "2027-01-31"]


async def test_a_new_deal_says_whose_it_is_and_who_is_on_it(
    sales: AsyncClient, keys: Keys, two_reps: None, ana: Desk
) -> None:
    made = (await ana.post("/v1/deals", {"company_name": "Kern GmbH"})).json()

    [told] = await trail(sales, keys, object_kind="deals", object_id=made["id"])
    [fields] = [one["fields"] for one in told["changes"] if one["kind"] == "deals"]
    assert fields["rep_id"] == [None, made["rep_id"]]
    assert fields["contact_ids"] == [None, []]
    assert fields["company_name"] is None
    assert "Kern" not in str(told)
