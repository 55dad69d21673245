"""Deals are lost for a reason of the list; what is retired is chosen no more and keeps its name."""

from collections.abc import Mapping
from typing import Any

import pytest

from services.sales.reference.lists.rules import Entry, refusal
from shared.database.sessions import Sessions
from tests.sales.samples import Desk, codes, deliver, euros, lead_accepted

REASONS = "/v1/lists/loss_reasons"
FIRST = {"If-Match": '"1"'}
YEARS = {"from": "2020-01-01", "to": "2040-01-01"}


async def lose(desk: Desk, deal: Mapping[str, Any], **body: Any) -> Any:
    return await desk.post(f"/v1/deals/{deal['id']}/lose", body)


async def test_a_deal_is_lost_for_a_reason_of_the_list(deal: dict[str, Any], ana: Desk) -> None:
    typo = await lose(ana, deal, reason="prize")
    silent = await lose(ana, deal, reason="other")
    said = await lose(ana, deal, reason="other", note="Their plant burnt down")

    assert codes([typo, silent, said]) == [422, 422, 200]
    [fault] = typo.json()["errors"]
    assert fault["pointer"] == "/reason"
    assert "price" in fault["detail"]
    assert silent.json()["errors"][0]["pointer"] == "/note"
    changes = (await ana.get(f"/v1/deals/{deal['id']}/changes")).json()["items"]
    assert {one["why"] for one in changes} == {"Their plant burnt down"}


async def test_the_company_keeps_its_list(deal: dict[str, Any], ana: Desk, mia: Desk) -> None:
    form = {"key": "moved_away", "name": "Moved away", "position": 3}
    by_rep, added, twice = (
        await ana.post(REASONS, form),
        await mia.post(REASONS, form),
        await mia.post(REASONS, form),
    )
    renamed = await mia.patch(f"{REASONS}/moved_away", {"name": "Left the country"}, **FIRST)
    retired = await mia.patch(f"{REASONS}/price", {"active": False}, **FIRST)
    unknown = await mia.patch(f"{REASONS}/nothing", {"active": False}, **FIRST)

    assert codes([by_rep, added, twice, renamed, retired, unknown]) == [403, 201, 409, 200, 200, 404]
    shown = (await ana.get(REASONS)).json()
    assert shown[-1]["key"] == "price"  # the retired ones last
    assert codes([await lose(ana, deal, reason="price"), await lose(ana, deal, reason="moved_away")]) == [
        422,
        200,
    ]
    stale = await mia.patch(f"{REASONS}/price", {"active": True}, **FIRST)
    back = await mia.patch(f"{REASONS}/price", {"active": True}, **{"If-Match": retired.headers["etag"]})
    assert codes([stale, back]) == [412, 200]


async def test_competitors_are_a_list_as_soon_as_there_is_one(
    deal: dict[str, Any], ana: Desk, mia: Desk, sales_sessions: Sessions
) -> None:
    await deliver(sales_sessions, lead_accepted())
    other = next(one for one in (await ana.get("/v1/deals")).json()["items"] if one["id"] != deal["id"])

    free = await lose(ana, deal, reason="competitor", competitor="acmee")
    await mia.post("/v1/lists/competitors", {"key": "acme", "name": "Acme"})
    typo = await lose(ana, other, reason="competitor", competitor="acmee")
    right = await lose(ana, other, reason="competitor", competitor="acme")

    assert codes([free, typo, right]) == [200, 422, 200]
    assert typo.json()["errors"][0]["pointer"] == "/competitor"


async def test_why_deals_were_lost(
    deal: dict[str, Any], ana: Desk, ben: Desk, mia: Desk, sales_sessions: Sessions
) -> None:
    await deliver(sales_sessions, lead_accepted(), lead_accepted())
    first, second, third = (await ana.get("/v1/deals")).json()["items"]
    seen = (await ana.get(f"/v1/deals/{first['id']}")).headers["etag"]
    await ana.patch(f"/v1/deals/{first['id']}", {"amount": euros("70.00")}, **{"If-Match": seen})
    await lose(ana, first, reason="price", competitor="acme")
    await lose(ana, second, reason="price")
    await lose(ana, third, reason="timing", competitor="acme")

    report = (await mia.get("/v1/reports/losses", **YEARS)).json()

    assert report["lost"] == 3
    assert [(one["key"], one["name"], one["deals"], one["amounts"]) for one in report["reasons"]] == [
        ("price", "Too expensive", 2, [euros("70.00")]),
        ("timing", "Not now", 1, [euros("0.00")]),
    ]
    assert [(one["key"], one["deals"]) for one in report["competitors"]] == [("acme", 2), (None, 1)]
    assert (await ben.get("/v1/reports/losses", **YEARS)).json()["lost"] == 0
    assert (
        await mia.get("/v1/reports/losses", **{"from": "2026-01-02", "to": "2026-01-02"})
    ).status_code == 422
    assert len((await ana.get("/v1/deals", reason="price")).json()["items"]) == 2


LIST = {"price": Entry(True, False), "other": Entry(True, True), "old": Entry(False, False)}


@pytest.mark.parametrize(
    ("entries", "key", "has_note", "field"),
    [
        ({}, "anything", False, None),
        ({"old": LIST["old"]}, "anything", False, None),
        (LIST, "price", False, None),
        (LIST, "prize", True, "key"),
        (LIST, "old", True, "key"),
        (LIST, "other", False, "note"),
        (LIST, "other", True, None),
    ],
)
def test_what_may_be_chosen(entries: dict[str, Entry], key: str, has_note: bool, field: str | None) -> None:
    refused = refusal(entries, key, has_note=has_note)

    assert (refused[0] if refused else None) == field
