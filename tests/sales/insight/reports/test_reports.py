from decimal import Decimal
from typing import Any

import pytest

from services.sales.insight.reports.rules import OpenSum, in_reporting, weighted, win_rate
from shared import clock
from shared.database.sessions import Sessions
from tests.sales.samples import Desk, deliver, euros, lead_accepted, lead_returned

TODAY = clock.now().date()
RATES = {"EUR": Decimal(1), "USD": Decimal("0.9")}


@pytest.mark.parametrize(
    ("won", "lost", "rate"),
    [(0, 0, None), (1, 0, "1.0000"), (0, 1, "0.0000"), (1, 2, "0.3333"), (2, 1, "0.6667")],
)
def test_the_win_rate_is_of_what_was_decided(won: int, lost: int, rate: str | None) -> None:
    assert win_rate(won, lost) == (None if rate is None else Decimal(rate))


def test_open_amounts_are_added_in_the_reporting_currency() -> None:
    sums = [OpenSum(2, 1000, "EUR"), OpenSum(1, 1001, "USD")]

    assert in_reporting(sums, RATES, "EUR") == (1901, frozenset())
    assert in_reporting([*sums, OpenSum(1, 5, "GBP")], RATES, "EUR") == (None, frozenset({"GBP"}))
    assert in_reporting([OpenSum(1, 0, "GBP")], RATES, "EUR") == (0, frozenset())


def test_a_weighted_amount_is_rounded_once() -> None:
    assert (weighted(1000, 40), weighted(25, 50), weighted(35, 50), weighted(None, 40)) == (400, 12, 18, None)


async def worked_deals(sessions: Sessions, desk: Desk, count: int) -> list[str]:
    """Paths of deals in the demo stage, worth 100.00 EUR each."""
    await deliver(sessions, *(lead_accepted() for _ in range(count)))
    paths = [f"/v1/deals/{deal['id']}" for deal in (await desk.get("/v1/deals")).json()["items"]]
    for path in paths:
        await desk.post(f"{path}/stage", {"stage": "demo"})
        await desk.patch(path, {"amount": euros("100.00")})
    return paths


async def test_the_pipeline_is_shown_by_stage(
    sales_sessions: Sessions, two_reps: None, ana: Desk, ben: Desk
) -> None:
    paths = await worked_deals(sales_sessions, ana, 3)
    await ana.post(f"{paths[0]}/stage", {"stage": "negotiation"})
    await ana.post(f"{paths[1]}/lose", {"reason": "price"})
    await deliver(sales_sessions, lead_accepted())

    report = (await ana.get("/v1/reports/pipeline")).json()

    lines = {line["stage"]: (line["deals"], line["amount"], line["weighted"]) for line in report["stages"]}
    assert lines["new"] == (1, euros("0.00"), euros("0.00"))
    assert lines["demo"] == (1, euros("100.00"), euros("40.00"))
    assert lines["negotiation"] == (1, euros("100.00"), euros("80.00"))
    assert (report["deals"], report["amount"], report["weighted"]) == (2, euros("200.00"), euros("120.00"))
    assert (await ben.get("/v1/reports/pipeline")).json()["deals"] == 0


async def test_a_currency_without_a_rate_is_named_and_leaves_no_false_total(
    sales_sessions: Sessions, two_reps: None, ana: Desk
) -> None:
    paths = await worked_deals(sales_sessions, ana, 2)
    await ana.patch(paths[0], {"amount": {"amount": "9.00", "currency": "USD"}})

    report = (await ana.get("/v1/reports/pipeline")).json()

    assert (report["amount"], report["weighted"], report["currencies_without_rate"]) == (None, None, ["USD"])


async def test_the_win_rate_counts_decided_opportunities_once(
    sales_sessions: Sessions, two_reps: None, ana: Desk, boss: Desk
) -> None:
    won, lost, refunded, reopened = await worked_deals(sales_sessions, ana, 4)
    given_back, never_in_pipeline = lead_accepted(), lead_accepted()
    await deliver(sales_sessions, given_back, never_in_pipeline)
    await deliver(sales_sessions, lead_returned(given_back))
    for path in (won, refunded):
        await ana.post(f"{path}/win")
    await boss.post(f"{refunded}/refunds", {"amount": euros("100.00")})
    for path in (lost, reopened):
        await ana.post(f"{path}/lose", {"reason": "price"})
    await boss.post(f"{reopened}/reopen")
    [early] = (await ana.get("/v1/deals", lead_id=str(never_in_pipeline.lead_id))).json()["items"]
    await ana.post(f"/v1/deals/{early['id']}/lose", {"reason": "no_need"})

    report = await rate_of(ana, TODAY.isoformat(), "2126-01-01")

    assert (report["won"], report["lost"], report["win_rate"]) == (2, 1, "0.6667")
    assert (report["fully_refunded"], report["won_amount"]) == (1, euros("100.00"))
    before = await rate_of(ana, "2020-01-01", TODAY.isoformat())
    assert (before["won"], before["win_rate"]) == (0, None)


async def rate_of(desk: Desk, start: str, end: str) -> dict[str, Any]:
    answer = await desk.get("/v1/reports/win-rate", **{"from": start, "to": end})
    return dict(answer.json())


async def test_an_empty_period_is_refused(ana: Desk) -> None:
    answer = await ana.get("/v1/reports/win-rate", **{"from": "2026-01-01", "to": "2026-01-01"})

    assert answer.status_code == 422
