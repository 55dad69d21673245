"""A small world over HTTP: campaigns, spend, touches, leads and deals, and what the reports make of it."""

from datetime import date, timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from services.marketing.funnel.leads.use_cases import register
from services.marketing.subscriptions import subscriptions
from shared.database.sessions import Sessions
from shared.events.sales import ExchangeRateSet
from tests.marketing.acquisition.campaigns.test_api import add_campaign, add_channel
from tests.marketing.funnel.leads.test_register import arrival
from tests.marketing.revenue.attribution.deals import Story, nothing_is_off, store, touch
from tests.support.keys import Keys
from tests.support.samples import NOON, delivered

PERIOD = {"from": "2026-03-01", "to": "2026-05-01"}


def rate(day: date, value: str, version: int = 1) -> ExchangeRateSet:
    return ExchangeRateSet(base="USD", quote="EUR", valid_on=day, rate=value, set_at=NOON, version=version)


async def spend(marketing: AsyncClient, keys: Keys, campaign: str, day: str, amount: dict[str, str]) -> None:
    answer = await marketing.put(
        f"/v1/campaigns/{campaign}/spend/{day}",
        json={"amount": amount, "impressions": 1000, "clicks": 10},
        headers=keys.as_("marketer"),
    )
    assert answer.status_code == 200, answer.text


async def report(marketing: AsyncClient, keys: Keys, name: str, **query: Any) -> dict[str, Any]:
    answer = await marketing.get(f"/v1/reports/{name}", params=PERIOD | query, headers=keys.as_("analyst"))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
async def campaign(marketing: AsyncClient, keys: Keys) -> str:
    """A campaign of a paid channel."""
    await add_channel(marketing, keys)
    return str((await add_campaign(marketing, keys))["id"])


async def test_revenue_spend_and_ratios_by_campaign(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions, campaign: str
) -> None:
    await subscriptions.deliver(marketing_sessions, [delivered(rate(date(2026, 3, 1), "0.9"))])
    await spend(marketing, keys, campaign, "2026-03-02", {"amount": "100.00", "currency": "USD"})
    await spend(marketing, keys, campaign, "2026-03-03", {"amount": "10.00", "currency": "EUR"})
    deal, without = Story(), Story()
    clicks = [
        touch(deal.contact_id, NOON, campaign_id=campaign, channel="paid_search"),
        touch(deal.contact_id, NOON + timedelta(days=1), channel="direct"),
    ]
    await store(marketing_sessions, *clicks)
    async with marketing_sessions.begin() as session:
        await register(
            session,
            [arrival(campaign_id=campaign, channel="paid_search", hand_raiser=n < 2) for n in range(4)],
            now=NOON,
        )
    await subscriptions.deliver(
        marketing_sessions, [delivered(deal.closed(40001, reporting=40001)), delivered(without.closed(500))]
    )

    found = await report(marketing, keys, "roi", model="linear")

    rows = {row["key"]: row for row in found["rows"]}
    assert rows.keys() == {campaign, "no_campaign", "unattributed"}
    paid = rows[campaign]
    assert paid["name"] == "Spring"
    assert paid["spend"] == {"amount": "100.00", "currency": "EUR"}
    assert paid["revenue"] == {"amount": "200.01", "currency": "EUR"}
    assert (paid["roi"], paid["roas"]) == (1.0001, 2.0001)
    assert (paid["leads"], paid["mqls"], paid["deals_won"]) == (4, 2, 0.5)
    assert paid["cost_per_lead"] == {"amount": "25.00", "currency": "EUR"}
    assert (paid["impressions"], paid["clicks"]) == (2000, 20)
    assert rows["unattributed"]["revenue"]["amount"] == "5.00"
    assert rows["unattributed"]["roi"] is None
    assert rows["unattributed"]["reasons"] == {
        "roi": "no_spend",
        "roas": "no_paid_spend",
        "cost_per_lead": "no_spend",
    }
    assert found["totals"]["revenue"]["amount"] == "405.01"
    assert found["totals"]["deals_won"] == 2.0
    assert found["totals"]["roas"] == 2.0001
    assert found["reconciliation"] == {
        "credited": {"amount": "405.01", "currency": "EUR"},
        "closed_deals": {"amount": "405.01", "currency": "EUR"},
        "deals": 2,
        "holds": True,
    }
    assert await nothing_is_off(marketing_sessions)


async def test_every_grouping_has_the_same_totals(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions, campaign: str
) -> None:
    await spend(marketing, keys, campaign, "2026-04-01", {"amount": "7.00", "currency": "EUR"})
    deal = Story()
    days = [touch(deal.contact_id, NOON + timedelta(days=n), campaign_id=campaign) for n in (0, 29)]
    await store(marketing_sessions, *days)
    await subscriptions.deliver(marketing_sessions, [delivered(deal.closed(101))])

    for basis in ("closed", "touched"):
        for group_by in ("campaign", "channel", "month"):
            found = await report(marketing, keys, "roi", group_by=group_by, basis=basis)

            assert found["totals"]["revenue"]["amount"] == "1.01"
            assert found["totals"]["spend"]["amount"] == "7.00"
            assert sum(round(float(row["revenue"]["amount"]) * 100) for row in found["rows"]) == 101
            assert found["reconciliation"]["holds"] is True


async def test_spend_without_a_rate_is_a_gap_and_never_guessed(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions, campaign: str
) -> None:
    await subscriptions.deliver(marketing_sessions, [delivered(rate(date(2026, 3, 10), "0.9"))])
    for day, amount in (("2026-03-08", "1.00"), ("2026-03-09", "2.00"), ("2026-03-10", "10.00")):
        await spend(marketing, keys, campaign, day, {"amount": amount, "currency": "USD"})

    found = await report(marketing, keys, "roi")

    assert found["gaps"] == [
        {
            "campaign_id": campaign,
            "amount": {"amount": "3.00", "currency": "USD"},
            "first_day": "2026-03-08",
            "last_day": "2026-03-09",
            "reason": "no_rate",
        }
    ]
    [row] = found["rows"]
    assert row["spend"]["amount"] == "9.00"
    assert (row["roi"], row["reasons"]["roi"]) == (None, "spend_without_rate")


async def test_the_latest_word_about_a_day_is_the_rate(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions, campaign: str
) -> None:
    await spend(marketing, keys, campaign, "2026-03-10", {"amount": "10.00", "currency": "USD"})
    for value, version in (("0.5", 2), ("0.9", 1)):
        event = rate(date(2026, 3, 1), value, version)
        await subscriptions.deliver(marketing_sessions, [delivered(event)])

    assert (await report(marketing, keys, "roi"))["totals"]["spend"]["amount"] == "5.00"


async def test_a_refund_restates_the_month_of_the_close(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    deal = Story()
    await store(marketing_sessions, touch(deal.contact_id, NOON))
    await subscriptions.deliver(
        marketing_sessions, [delivered(deal.closed(1000)), delivered(deal.amended(400, cause="refunded"))]
    )

    found = await report(marketing, keys, "roi", group_by="month")
    assert [(row["key"], row["revenue"]["amount"]) for row in found["rows"]] == [("2026-04", "4.00")]
    assert found["totals"]["deals_won"] == 1.0

    learned = await report(marketing, keys, "restatements", **{"from": "2020-01-01", "to": "2100-01-01"})
    assert learned["restatements"] == [
        {
            "closed_month": "2026-04",
            "cause": "refunded",
            "corrections": 1,
            "change": {"amount": "-6.00", "currency": "EUR"},
        }
    ]


async def test_wrong_questions_are_answered_with_what_is_wrong(marketing: AsyncClient, keys: Keys) -> None:
    analyst = keys.as_("analyst")
    for query, pointer in (
        ({"from": "2026-05-01", "to": "2026-05-01"}, "/to"),
        (PERIOD | {"currency": "USD"}, "/currency"),
    ):
        answer = await marketing.get("/v1/reports/roi", params=query, headers=analyst)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == pointer
    for query in (PERIOD | {"model": "guess"}, {"from": "2026-05-01"}):
        assert (await marketing.get("/v1/reports/roi", params=query, headers=analyst)).status_code == 422
    assert (await marketing.get("/v1/reports/roi", params=PERIOD, headers=keys.as_("rep"))).status_code == 403
