"""Today is what is today somewhere; nothing is corrected before it was, and a lead has one open deal."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from services.sales.selling.deals.rules import earliest_today, latest_today
from shared import clock
from shared.database.sessions import Sessions
from tests.sales.samples import Desk, codes, deliver, euros, lead_accepted
from tests.sales.selling.payments.test_payments import payment


@pytest.fixture
async def opportunity(deal: dict[str, Any], ana: Desk) -> str:
    path = f"/v1/deals/{deal['id']}"
    await ana.post(f"{path}/stage", {"stage": "demo"})
    return path


@pytest.mark.parametrize(
    ("now", "earliest", "latest"),
    [
        ("2026-11-25T14:41:00Z", date(2026, 11, 25), date(2026, 11, 26)),  # it is the 26th in Auckland
        ("2026-11-25T09:59:59Z", date(2026, 11, 24), date(2026, 11, 25)),
        ("2026-11-25T10:00:00Z", date(2026, 11, 24), date(2026, 11, 26)),  # midnight on Kiritimati
        ("2026-12-01T01:00:00Z", date(2026, 11, 30), date(2026, 12, 1)),  # the 30th, at 17:00, in California
        ("2026-11-26T03:41:00+13:00", date(2026, 11, 25), date(2026, 11, 26)),
    ],
)
def test_what_is_today_somewhere(now: str, earliest: date, latest: date) -> None:
    at = datetime.fromisoformat(now)

    assert (earliest_today(at), latest_today(at)) == (earliest, latest)


async def test_who_is_ahead_of_utc_closes_and_is_paid_today(opportunity: str, ana: Desk, fay: Desk) -> None:
    latest = latest_today(clock.now())

    for day, right in ((latest + timedelta(days=1), 422), (latest, 200)):
        won = await ana.post(f"{opportunity}/win", {"amount": euros("10.00"), "closed_on": str(day)})
        paid = await fay.post(f"{opportunity}/payments", payment(f"I-{day}", paid_on=str(day)))
        assert (won.status_code, paid.status_code) == (right, 201 if right == 200 else 422)


async def test_nothing_is_corrected_before_its_close(opportunity: str, ana: Desk, mia: Desk) -> None:
    await ana.post(f"{opportunity}/win", {"amount": euros("10.00")})
    before = {"occurred_at": "2020-01-01T10:00:00Z"}

    answers = [
        await mia.post(f"{opportunity}/refunds", {"amount": euros("1.00")} | before),
        await mia.post(f"{opportunity}/amend", {"amount": euros("9.00")} | before),
        await mia.post(f"{opportunity}/reopen", before),
    ]

    assert codes(answers) == [422] * 3
    assert {answer.json()["errors"][0]["pointer"] for answer in answers} == {"/occurred_at"}


async def test_a_lead_has_one_open_deal(
    opportunity: str, deal: dict[str, Any], ana: Desk, mia: Desk, sales_sessions: Sessions
) -> None:
    await ana.post(f"{opportunity}/lose", {"reason": "price"})
    again = lead_accepted(lead_id=deal["lead_id"], cycle=2, version=9)
    await deliver(sales_sessions, again)

    refused = await mia.post(f"{opportunity}/reopen")
    [new] = (await ana.get("/v1/deals", state="open")).json()["items"]
    await ana.post(f"/v1/deals/{new['id']}/lose", {"reason": "price"})
    reopened = await mia.post(f"{opportunity}/reopen")

    assert codes([refused, reopened]) == [409, 200]
    assert "its new deal is open" in refused.json()["detail"]
