"""Winning, losing and correcting, over HTTP."""

from datetime import timedelta
from typing import Any

import pytest

from shared import clock
from shared.database.sessions import Sessions
from tests.sales.samples import Desk, codes, euros, told

TODAY = clock.now().date()


@pytest.fixture
async def opportunity(deal: dict[str, Any], ana: Desk) -> str:
    """The path of Ana's deal: in the demo stage, worth 1,000.00 EUR."""
    path = f"/v1/deals/{deal['id']}"
    assert codes([await ana.post(f"{path}/stage", {"stage": "demo"})]) == [200]
    assert codes([await ana.patch(path, {"amount": euros("1000.00")})]) == [200]
    return path


def deal_id(path: str) -> str:
    return path.rsplit("/", 1)[1]


async def test_a_deal_before_the_pipeline_is_not_won(deal: dict[str, Any], ana: Desk) -> None:
    answer = await ana.post(f"/v1/deals/{deal['id']}/win", {"amount": euros("10.00")})

    assert answer.status_code == 409
    assert "stage new, before the pipeline" in answer.json()["detail"]


async def test_the_amount_may_come_with_the_win(deal: dict[str, Any], ana: Desk) -> None:
    path = f"/v1/deals/{deal['id']}"
    await ana.post(f"{path}/stage", {"stage": "demo"})

    assert (await ana.post(f"{path}/win")).status_code == 409
    won = await ana.post(f"{path}/win", {"amount": euros("10.00")})

    assert (won.status_code, won.json()["amount"]) == (200, euros("10.00"))


async def test_a_won_deal_is_not_won_again(opportunity: str, ana: Desk) -> None:
    answers = [await ana.post(f"{opportunity}/win"), await ana.post(f"{opportunity}/win")]

    assert codes(answers) == [200, 409]
    assert answers[1].json()["detail"] == "The deal is won; it must be open to be won."


async def test_without_a_rate_the_answer_says_which_one_to_set(
    opportunity: str, ana: Desk, boss: Desk, sales_sessions: Sessions
) -> None:
    await ana.patch(opportunity, {"amount": {"amount": "1000.01", "currency": "USD"}})

    refused = await ana.post(f"{opportunity}/win")
    assert refused.status_code == 409
    for word in ("USD", "EUR", str(TODAY), "/v1/exchange-rates"):
        assert word in refused.json()["detail"]

    rate = {"base": "USD", "quote": "EUR", "valid_on": str(TODAY - timedelta(days=30)), "rate": "0.9215"}
    assert (await boss.post("/v1/exchange-rates", rate)).status_code == 201
    won = await ana.post(f"{opportunity}/win")

    assert won.json()["reporting_amount"] == euros("921.51")
    [closed] = [fact for fact in await told(sales_sessions, deal_id(opportunity)) if hasattr(fact, "outcome")]
    assert (closed.rate, closed.amount_minor, closed.reporting_amount_minor) == ("0.9215", 100001, 92151)


async def test_the_rate_of_the_closing_day_counts_and_stays(
    opportunity: str, ana: Desk, mia: Desk, boss: Desk, sales_sessions: Sessions
) -> None:
    await ana.patch(opportunity, {"amount": {"amount": "100.00", "currency": "USD"}})
    yesterday = TODAY - timedelta(days=1)
    for valid_on, rate in ((yesterday, "0.90"), (TODAY, "0.50"), (yesterday - timedelta(days=1), "0.10")):
        await boss.post(
            "/v1/exchange-rates", {"base": "USD", "quote": "EUR", "valid_on": str(valid_on), "rate": rate}
        )

    won = await mia.post(f"{opportunity}/win", {"closed_on": str(yesterday)})
    amended = await mia.post(f"{opportunity}/amend", {"amount": {"amount": "90.00", "currency": "USD"}})
    refunded = await mia.post(f"{opportunity}/refunds", {"amount": {"amount": "0.03", "currency": "USD"}})

    shown = [answer.json()["reporting_amount"] for answer in (won, amended, refunded)]
    assert shown == [euros("90.00"), euros("81.00"), euros("80.97")]
    facts = (await told(sales_sessions, deal_id(opportunity)))[-2:]
    assert [(fact.cause, fact.amount_minor, fact.refunded_minor, fact.rate) for fact in facts] == [
        ("amended", 9000, 0, "0.9"),
        ("refunded", 8997, 3, "0.9"),
    ]


async def test_a_lost_deal_says_why_and_to_whom(
    opportunity: str, ana: Desk, sales_sessions: Sessions
) -> None:
    answer = await ana.post(f"{opportunity}/lose", {"reason": "price", "competitor": "acme"})

    assert answer.status_code == 200
    closed = (await told(sales_sessions, deal_id(opportunity)))[-1]
    assert (closed.outcome, closed.reason, closed.amount_minor) == ("lost", "price", 0)
    assert (await ana.post(f"{opportunity}/stage", {"stage": "proposal"})).json()["detail"] == (
        "The deal is lost; only an open deal can move to stage proposal."
    )


async def test_a_reason_is_a_code_and_never_a_sentence(opportunity: str, ana: Desk) -> None:
    answer = await ana.post(f"{opportunity}/lose", {"reason": "Anna said no"})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/reason"


async def test_a_reopened_deal_earns_nothing_until_it_closes_again(
    opportunity: str, ana: Desk, mia: Desk, sales_sessions: Sessions
) -> None:
    await ana.post(f"{opportunity}/win")

    assert (await ana.post(f"{opportunity}/reopen")).status_code == 403
    reopened = await mia.post(f"{opportunity}/reopen")
    again = await ana.post(f"{opportunity}/win", {"amount": euros("700.00")})

    assert (reopened.json()["state"], reopened.json()["reporting_amount"]) == ("open", None)
    assert again.json()["reporting_amount"] == euros("700.00")
    facts = (await told(sales_sessions, deal_id(opportunity)))[-3:]
    assert [type(fact).__name__ for fact in facts] == ["DealClosed", "DealAmended", "DealClosed"]
    assert [fact.reporting_amount_minor for fact in facts] == [100000, 0, 70000]
    assert [fact.version for fact in facts] == [3, 4, 5]
    assert (facts[1].cause, facts[1].outcome, facts[1].closed_on) == ("reopened", None, TODAY)


async def test_refunds_never_exceed_the_amount(opportunity: str, ana: Desk, mia: Desk) -> None:
    await ana.post(f"{opportunity}/win")

    answers = [
        await mia.post(f"{opportunity}/refunds", {"amount": euros(part)})
        for part in ("999.99", "0.02", "0.01")
    ]

    assert codes(answers) == [201, 409, 201]
    assert answers[-1].json()["refunded"] == euros("1000.00")


async def test_one_key_refunds_once(opportunity: str, ana: Desk, mia: Desk) -> None:
    await ana.post(f"{opportunity}/win")
    body = {"amount": euros("10.00"), "reason": "service_credit"}

    answers = [
        await mia.post(f"{opportunity}/refunds", body, **{"Idempotency-Key": "refund-1"}) for _ in range(2)
    ]

    assert codes(answers) == [201, 201]
    assert (await ana.get(opportunity)).json()["refunded"] == euros("10.00")


async def test_a_correction_in_another_currency_is_refused(opportunity: str, ana: Desk, mia: Desk) -> None:
    await ana.post(f"{opportunity}/win")
    dollars = {"amount": {"amount": "1.00", "currency": "USD"}}

    answers = [await mia.post(f"{opportunity}/{verb}", dollars) for verb in ("amend", "refunds")]

    assert codes(answers) == [422, 422]
    assert answers[0].json()["errors"][0]["pointer"] == "/amount/currency"


async def test_who_may_enter_the_past(opportunity: str, ana: Desk, mia: Desk) -> None:
    yesterday, long_ago = str(TODAY - timedelta(days=1)), str(TODAY - timedelta(days=40))

    refused = await ana.post(f"{opportunity}/win", {"closed_on": str(TODAY - timedelta(days=2))})
    backdated = await ana.post(f"{opportunity}/win", {"occurred_at": f"{yesterday}T12:00:00Z"})
    too_early = await mia.post(f"{opportunity}/win", {"closed_on": str(TODAY + timedelta(days=2))})
    at_odds = await mia.post(
        f"{opportunity}/win", {"closed_on": yesterday, "occurred_at": f"{long_ago}T12:00:00Z"}
    )
    entered = await mia.post(f"{opportunity}/win", {"occurred_at": f"{long_ago}T12:00:00Z"})

    assert codes([refused, backdated, too_early, at_odds, entered]) == [403, 403, 422, 422, 200]
    assert (entered.json()["closed_on"], entered.json()["closed_at"]) == (long_ago, f"{long_ago}T12:00:00Z")


async def test_a_rep_may_close_as_of_yesterday(opportunity: str, ana: Desk) -> None:
    yesterday = str(TODAY - timedelta(days=1))

    won = await ana.post(f"{opportunity}/win", {"closed_on": yesterday})

    assert (won.status_code, won.json()["closed_on"]) == (200, yesterday)
    assert won.json()["closed_at"] == f"{yesterday}T23:59:59.999999Z"


async def test_a_stale_close_is_refused(opportunity: str, ana: Desk) -> None:
    seen = (await ana.get(opportunity)).headers["etag"]
    await ana.patch(opportunity, {"amount": euros("5.00")}, **{"If-Match": seen})

    answer = await ana.post(f"{opportunity}/win", None, **{"If-Match": seen})

    assert answer.status_code == 412
