"""What becomes of the deals of leads that marketing took back."""

import asyncio
from typing import Any

import pytest

from services.sales.subscriptions import subscriptions
from shared.database.sessions import Sessions, driver
from shared.events.handoff import LeadAccepted
from shared.events.marketing import LeadWithdrawn
from shared.events.sales import DealClosed, DealOpened
from tests.sales.samples import Desk, deliver, lead_accepted, lead_returned, told
from tests.support.samples import NOON, delivered


def withdrawn(accepted: LeadAccepted, **changes: Any) -> LeadWithdrawn:
    values: dict[str, Any] = {
        "version": 2,
        "lead_id": accepted.lead_id,
        "cycle": accepted.cycle,
        "reason": "spam",
        "withdrawn_at": NOON,
    }
    return LeadWithdrawn(**(values | changes))


async def deal_of(desk: Desk, accepted: LeadAccepted) -> dict[str, Any]:
    [found] = (await desk.get("/v1/deals", lead_id=str(accepted.lead_id))).json()["items"]
    return dict(found)


async def test_a_deal_nobody_worked_is_disqualified(
    sales_sessions: Sessions, two_reps: None, ana: Desk
) -> None:
    spam, true = lead_accepted(), lead_accepted()
    await deliver(sales_sessions, spam, true)

    await deliver(sales_sessions, withdrawn(spam))

    closed = await deal_of(ana, spam)
    assert (closed["state"], closed["reason"]) == ("disqualified", "spam")
    assert closed["withdrawn_at"] == "2026-03-02T12:00:00Z"
    assert (await deal_of(ana, true))["state"] == "open"
    [fact] = [fact for fact in await told(sales_sessions, closed["id"]) if isinstance(fact, DealClosed)]
    assert (fact.outcome, fact.reason, fact.cycle) == ("disqualified", "spam", 1)


async def test_word_that_comes_before_the_deal_is_remembered(
    sales_sessions: Sessions, two_reps: None, ana: Desk
) -> None:
    spam = lead_accepted()
    await deliver(sales_sessions, withdrawn(spam))

    await deliver(sales_sessions, spam)

    closed = await deal_of(ana, spam)
    assert (closed["state"], closed["reason"]) == ("disqualified", "spam")
    assert [type(fact) for fact in await told(sales_sessions, closed["id"])] == [DealOpened, DealClosed]


@pytest.mark.parametrize("first", ["the acceptance", "the withdrawal"])
async def test_both_at_once_miss_nothing(
    sales_sessions: Sessions, two_reps: None, ana: Desk, first: str
) -> None:
    spam = lead_accepted()
    events = [spam, withdrawn(spam)]
    if first == "the withdrawal":
        events.reverse()

    await asyncio.gather(*(subscriptions.deliver(sales_sessions, [delivered(event)]) for event in events))

    assert (await deal_of(ana, spam))["state"] == "disqualified"


WORK: dict[str, tuple[str, dict[str, Any]]] = {
    "moved": ("stage", {"stage": "discovery"}),
    "edited": ("", {"expected_close_on": "2027-01-01"}),
    "called about": ("activities", {"kind": "call", "done_at": "2026-03-02T12:00:00Z"}),
    "paid for": (
        "payments",
        {"amount": {"amount": "1.00", "currency": "EUR"}, "paid_on": "2026-01-01", "reference": "R-1"},
    ),
}


@pytest.mark.parametrize("work", WORK)
async def test_a_deal_somebody_worked_is_listed_and_goes_on(
    sales_sessions: Sessions, two_reps: None, boss: Desk, work: str
) -> None:
    spam, true = lead_accepted(), lead_accepted()
    await deliver(sales_sessions, spam, true)
    deal = await deal_of(boss, spam)
    path, body = WORK[work]
    to = f"/v1/deals/{deal['id']}"
    answer = await (boss.post(f"{to}/{path}", body) if path else boss.patch(to, body))
    assert answer.is_success, answer.text

    await deliver(sales_sessions, withdrawn(spam))

    assert (await deal_of(boss, spam))["state"] == "open"
    listed = (await boss.get("/v1/deals", withdrawn="true")).json()["items"]
    assert [one["id"] for one in listed] == [deal["id"]]
    others = (await boss.get("/v1/deals", withdrawn="false")).json()["items"]
    assert [one["lead_id"] for one in others] == [str(true.lead_id)]


async def test_the_other_cycle_of_a_lead_is_not_touched(
    sales_sessions: Sessions, two_reps: None, boss: Desk
) -> None:
    first = lead_accepted()
    await deliver(sales_sessions, first, lead_returned(first))
    second = first.model_copy(update={"cycle": 2, "version": 5})
    await deliver(sales_sessions, second)

    await deliver(sales_sessions, withdrawn(first))

    deals = (await boss.get("/v1/deals", lead_id=str(first.lead_id))).json()["items"]
    assert {deal["cycle"]: (deal["state"], deal["reason"]) for deal in deals} == {
        1: ("disqualified", "no_budget"),
        2: ("open", None),
    }


async def test_the_same_word_twice_closes_once(sales_sessions: Sessions, two_reps: None, ana: Desk) -> None:
    spam = lead_accepted()
    await deliver(sales_sessions, spam)

    await deliver(sales_sessions, withdrawn(spam), withdrawn(spam))

    deal = await deal_of(ana, spam)
    assert deal["version"] == 2
    async with sales_sessions.begin() as session:
        rows = await (await driver(session)).fetch("SELECT * FROM withdrawn_leads")
    assert len(rows) == 1
