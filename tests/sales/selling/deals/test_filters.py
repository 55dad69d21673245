"""Each filter narrows the list to what it names; what is overpaid is the same in SQL and in the rule."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import insert, update

from services.sales.selling.deals.rules import payment_state
from services.sales.selling.deals.tables import Deal
from shared import clock
from shared.database.sessions import Sessions
from tests.sales.samples import ANA, BEN, SOUTH, Desk, euros
from tests.support.samples import NOON

PIPELINE = "00000000-0000-7000-8000-0000000000a1"


@pytest.fixture
async def two(deal: dict[str, Any], ana: Desk, boss: Desk) -> dict[str, Any]:
    """Ana's deal, and another that is named, tagged, put off twice and lost."""
    form = {
        "title": "100% reporting",
        "tags": ["framework"],
        "company_name": "Acme Ltd",
        "expected_close_on": "2026-12-01",
        "amount": {"amount": "5.00", "currency": "USD"},
    }
    other = (await ana.post("/v1/deals", form)).json()
    path = f"/v1/deals/{other['id']}"
    for day in ("2026-12-02", "2026-12-03"):
        seen = (await ana.get(path)).headers["etag"]
        await ana.patch(path, {"expected_close_on": day}, **{"If-Match": seen})
    await ana.post(f"{path}/lose", {"reason": "price", "competitor": "acme"})
    return {"deal": deal, "other": other}


TODAY = clock.now().date()
CASES: list[tuple[dict[str, Any], str]] = [
    ({"reason": "price"}, "other"),
    ({"reason": "timing"}, ""),
    ({"competitor": "acme"}, "other"),
    ({"tag": "framework"}, "other"),
    ({"tag": "big"}, ""),
    ({"currency": "USD"}, "other"),
    ({"currency": "EUR"}, "deal"),
    ({"sourced_by": str(ANA)}, "deal other"),
    ({"sourced_by": str(BEN)}, ""),
    ({"pushes_min": 2}, "other"),
    ({"pushes_min": 3}, ""),
    ({"expected_close_from": "2026-12-03"}, "other"),
    ({"expected_close_before": "2026-12-03"}, ""),
    ({"closed_from": str(TODAY - timedelta(days=1))}, "other"),
    ({"closed_before": str(TODAY - timedelta(days=1))}, ""),
    ({"opened_before": NOON.isoformat()}, ""),
    ({"opened_from": NOON.isoformat()}, "deal other"),
    ({"q": "northwind"}, "deal"),
    ({"q": " REPORT "}, "other"),
    ({"q": "100%"}, "other"),
    ({"q": "0_rep"}, ""),  # no wildcard
    ({"q": "acme", "state": "open"}, ""),
]


@pytest.mark.parametrize(("query", "right"), CASES)
async def test_a_filter_narrows_the_list(
    two: dict[str, Any], ana: Desk, query: dict[str, Any], right: str
) -> None:
    answer = await ana.get("/v1/deals", **query)
    assert answer.status_code == 200, answer.text

    names = {one["id"]: name for name, one in two.items()}
    assert sorted(names[one["id"]] for one in answer.json()["items"]) == right.split()


async def test_by_whom_it_is_with(two: dict[str, Any], ana: Desk) -> None:
    answer = await ana.get("/v1/deals", contact_id=two["deal"]["contact_ids"][0])

    assert [one["id"] for one in answer.json()["items"]] == [two["deal"]["id"]]


async def test_what_is_paid_is_the_same_for_one_deal_and_for_all(
    two_reps: None, sales_sessions: Sessions, boss: Desk
) -> None:
    kinds = product(("open", "won", "lost"), (0, 3, 1000), (0, 1), (None, 1190), (0, 1, 1000, 1190))
    rows: list[dict[str, Any]] = []
    for state, amount, refunded, gross, collected in kinds:
        if refunded > amount:
            continue
        closed = {"closed_on": TODAY, "closed_at": NOON} if state != "open" else {}
        rate = {"rate": 1, "reporting_currency": "EUR"} if state == "won" else {}
        rows.append(
            {
                "id": clock.new_id(),
                "origin": "prospecting",
                "contact_ids": [],
                "rep_id": ANA,
                "team_id": SOUTH,
                "pipeline_id": PIPELINE,
                "opened_at": NOON,
                "stage": "new",
                "stage_since": NOON,
                "currency": "EUR",
                "state": state,
                "amount_minor": amount,
                "refunded_minor": refunded,
                "gross_minor": gross,
                "collected_minor": collected,
                "closed_on": None,
                "closed_at": None,
                "rate": None,
                "reporting_currency": None,
                **closed,
                **rate,
            }
        )
    async with sales_sessions.begin() as session:
        await session.execute(insert(Deal), rows)

    for wanted in ("unpaid", "underpaid", "paid", "overpaid"):
        page = await boss.get("/v1/deals", payment=wanted, limit=200)
        right = {
            str(row["id"])
            for row in rows
            if payment_state(
                row["state"],
                row["amount_minor"],
                row["refunded_minor"],
                row["gross_minor"],
                row["collected_minor"],
            )
            == wanted
        }
        assert {one["id"] for one in page.json()["items"]} == right, wanted
        assert {one["payment"] for one in page.json()["items"]} == {wanted}
        assert right


SORTS = {
    "newest": ["four", "three", "two", "one"],
    "oldest": ["one", "two", "three", "four"],
    "amount": ["two", "four", "one", "three"],
    "expected_close": ["three", "one", "four", "two"],  # two of one day, and one without a day
    "longest_in_stage": ["two", "one", "three", "four"],
    "last_closed": ["three", "four", "two", "one"],
}


@pytest.mark.parametrize("sort", SORTS)
async def test_a_list_is_sorted_page_by_page(
    two_reps: None, sales_sessions: Sessions, ana: Desk, sort: str
) -> None:
    names = {}
    for title, amount, closes in (("one", 30, 5), ("two", 90, None), ("three", 10, 1), ("four", 40, 5)):
        form: dict[str, Any] = {"title": title, "amount": euros(f"{amount}.00")}
        if closes:
            form["expected_close_on"] = f"2026-12-0{closes}"
        names[(await ana.post("/v1/deals", form)).json()["id"]] = title
    by_title = {title: deal_id for deal_id, title in names.items()}
    async with sales_sessions.begin() as session:
        old = update(Deal).where(Deal.title == "two").values(stage_since=NOON)
        await session.execute(old)
    await ana.post(f"/v1/deals/{by_title['three']}/lose", {"reason": "price"})

    found: list[str] = []
    cursor: str | None = None
    while True:
        query = {"sort": sort, "limit": 1} | ({"cursor": cursor} if cursor else {})
        page = (await ana.get("/v1/deals", **query)).json()
        found += [names[one["id"]] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert found == SORTS[sort]


async def test_a_cursor_is_of_its_order(deal: dict[str, Any], ana: Desk) -> None:
    await ana.post("/v1/deals", {})
    page = (await ana.get("/v1/deals", sort="amount", limit=1)).json()

    other = await ana.get("/v1/deals", sort="expected_close", cursor=page["next_cursor"])

    assert other.status_code == 400


async def test_the_sum_of_nothing_is_in_euros_too(deal: dict[str, Any], ana: Desk) -> None:
    assert deal["balance"] == euros("0.00")
