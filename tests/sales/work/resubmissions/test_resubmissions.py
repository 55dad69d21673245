"""D2: the person writes again, and whoever has their deal is told at once."""

import asyncio
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from services.sales.subscriptions import subscriptions
from shared import clock
from shared.database.sessions import Sessions
from shared.events.handoff import LeadAccepted
from shared.events.marketing import LeadResubmitted
from tests.sales.samples import ANA, Desk, deliver, lead_accepted, told
from tests.sales.work.withdrawals.test_handlers import withdrawn
from tests.support.samples import NOON, delivered

LATER = NOON + timedelta(hours=1)


def again(accepted: LeadAccepted, **changes: Any) -> LeadResubmitted:
    values: dict[str, Any] = {
        "version": 2,
        "lead_id": accepted.lead_id,
        "cycle": accepted.cycle,
        "contact_id": accepted.contact_id,
        "submission_id": clock.new_id(),
        "source": "web_form",
        "received_at": LATER,
    }
    return LeadResubmitted(**(values | changes))


async def shown(desk: Desk) -> list[tuple[str, str, str | None]]:
    items = (await desk.get("/v1/activities")).json()["items"]
    return sorted((one["kind"], one["state"], one["title"]) for one in items)


TOLD = [("submission", "done", None), ("task", "planned", "They wrote again: read it and answer")]


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_in_any_order_it_is_on_the_deal_with_a_task(
    two_reps: None, sales_sessions: Sessions, ana: Desk, order: tuple[int, ...]
) -> None:
    lead = lead_accepted()
    first = again(lead)
    news = [lead, first, first]  # told twice
    for number in order:
        await deliver(sales_sessions, news[number])

    assert await shown(ana) == TOLD
    [sent] = (await ana.get("/v1/activities", kind="submission")).json()["items"]
    assert (sent["submission_id"], sent["assignee_id"], sent["direction"]) == (
        str(first.submission_id),
        str(ANA),
        "inbound",
    )
    assert await told(sales_sessions, sent["id"]) == []  # no rep did anything


async def test_what_came_before_the_rep_took_the_lead_asks_for_nothing(
    two_reps: None, sales_sessions: Sessions, ana: Desk
) -> None:
    lead = lead_accepted()
    await deliver(sales_sessions, lead, again(lead, received_at=NOON - timedelta(minutes=1)))

    assert await shown(ana) == TOLD[:1]


async def test_one_task_asks_until_it_is_done(two_reps: None, sales_sessions: Sessions, ana: Desk) -> None:
    lead = lead_accepted()
    await deliver(sales_sessions, lead, again(lead), again(lead), again(lead))
    assert [kind for kind, *_ in await shown(ana)] == ["submission"] * 3 + ["task"]
    [task] = (await ana.get("/v1/activities", kind="task")).json()["items"]
    await ana.patch(f"/v1/activities/{task['id']}", {"done_at": NOON.isoformat()})

    await deliver(sales_sessions, again(lead))

    assert [kind for kind, *_ in await shown(ana)] == ["submission"] * 4 + ["task"] * 2


async def test_a_closed_deal_asks_for_nothing(
    deal: dict[str, Any], sales_sessions: Sessions, ana: Desk
) -> None:
    await ana.post(f"/v1/deals/{deal['id']}/lose", {"reason": "price"})
    lead = lead_accepted(lead_id=deal["lead_id"], cycle=deal["cycle"])

    await deliver(sales_sessions, again(lead))

    assert await shown(ana) == TOLD[:1]


@pytest.mark.parametrize("first", ["the acceptance", "the submission"])
async def test_both_at_once_miss_nothing(
    two_reps: None, sales_sessions: Sessions, ana: Desk, first: str
) -> None:
    lead = lead_accepted()
    events = [lead, again(lead)]
    if first == "the submission":
        events.reverse()

    await asyncio.gather(*(subscriptions.deliver(sales_sessions, [delivered(event)]) for event in events))

    assert await shown(ana) == TOLD


async def test_what_a_person_sent_stays_as_it_is(
    deal: dict[str, Any], sales_sessions: Sessions, ana: Desk
) -> None:
    lead = lead_accepted(lead_id=deal["lead_id"], cycle=deal["cycle"])
    await deliver(sales_sessions, again(lead))
    [sent] = (await ana.get("/v1/activities", kind="submission")).json()["items"]
    path = f"/v1/activities/{sent['id']}"

    answers = [await ana.patch(path, {"note": "x"}), await ana.post(f"{path}/cancel", {"reason": "x"})]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert (
        await ana.post("/v1/activities", {"kind": "submission", "done_at": NOON.isoformat()})
    ).status_code == 422


async def test_a_deal_with_nothing_but_what_came_again_is_untouched(
    two_reps: None, sales_sessions: Sessions, ana: Desk
) -> None:
    """Marketing may still take the lead back: nobody has worked it."""
    lead = lead_accepted()
    await deliver(sales_sessions, lead, again(lead))

    await deliver(sales_sessions, withdrawn(lead, version=3))

    [deal] = (await ana.get("/v1/deals")).json()["items"]
    assert deal["state"] == "disqualified"
