"""Whose work it is, what is cancelled or undone, and what is on no list any more."""

from datetime import timedelta
from typing import Any

import pytest

from shared.database.sessions import Sessions
from shared.events.sales import ActivityLogged
from tests.sales.samples import ANA, BEN, Desk, codes, told
from tests.sales.work.activities.test_activities import HOUR, at


async def add(desk: Desk, deal: dict[str, Any] | None = None, **form: Any) -> dict[str, Any]:
    body = {"kind": "call", "due_at": at(HOUR)} | form | ({"deal_id": deal["id"]} if deal else {})
    answer = await desk.post("/v1/activities", body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def ids(desk: Desk, **filters: str) -> list[str]:
    answer = await desk.get("/v1/activities", **filters)
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["items"]]


async def test_a_task_without_a_deal_is_its_reps_and_their_managers(
    two_reps: None, ana: Desk, ben: Desk, mia: Desk
) -> None:
    task = await add(ana, kind="task", title="Prepare the fair")

    assert (task["assignee_id"], task["deal_id"], task["state"]) == (str(ANA), None, "planned")
    path = f"/v1/activities/{task['id']}"
    assert codes([await desk.get(path) for desk in (ana, mia, ben)]) == [200, 200, 404]
    assert codes([await ben.patch(path, {"title": "Mine"})]) == [404]
    assert (await mia.patch(path, {"due_at": at(2 * HOUR)})).status_code == 200


async def test_a_manager_gives_work_to_a_rep_of_theirs(
    deal: dict[str, Any], ana: Desk, mia: Desk, boss: Desk
) -> None:
    task = await add(mia, deal, kind="task", title="Please call back", assignee_id=str(ANA))
    default = await add(mia, deal, kind="task")

    assert [task["assignee_id"], default["assignee_id"]] == [str(ANA), str(ANA)]
    assert await ids(ana, assignee_id=str(ANA)) == [default["id"], task["id"]]
    moved = await mia.patch(f"/v1/activities/{task['id']}", {"assignee_id": str(BEN)})
    assert moved.status_code == 422  # of another team
    assert moved.json()["errors"][0]["pointer"] == "/assignee_id"
    assert (await boss.patch(f"/v1/activities/{task['id']}", {"assignee_id": str(BEN)})).status_code == 200


async def test_who_is_to_do_it_sees_it_on_a_deal_of_another(
    deal: dict[str, Any], boss: Desk, ben: Desk
) -> None:
    task = await add(boss, deal, kind="task", assignee_id=str(BEN))

    assert await ids(ben) == [task["id"]]
    assert (await ben.patch(f"/v1/activities/{task['id']}", {"done_at": at(-HOUR)})).status_code == 200
    assert (await ben.get(f"/v1/deals/{deal['id']}")).status_code == 404


async def test_nothing_of_a_closed_deal_is_to_do(deal: dict[str, Any], ana: Desk, mia: Desk) -> None:
    """D16: the overdue list kept those of lost and won deals."""
    call = await add(ana, deal, due_at=at(-HOUR))
    assert await ids(ana, due="overdue") == [call["id"]]

    await ana.post(f"/v1/deals/{deal['id']}/lose", {"reason": "price"})
    assert [await ids(ana, view=view) for view in ("overdue", "today", "this_week")] == [[], [], []]
    await mia.post(f"/v1/deals/{deal['id']}/reopen", {})
    assert await ids(ana, view="overdue") == [call["id"]]


async def test_what_is_cancelled_is_on_no_list_until_it_is_reopened(deal: dict[str, Any], ana: Desk) -> None:
    call = await add(ana, deal, due_at=at(-HOUR))
    path = f"/v1/activities/{call['id']}"

    cancelled = await ana.post(f"{path}/cancel", {"reason": "customer_asked"})

    assert (cancelled.json()["state"], cancelled.json()["cancel_reason"]) == ("cancelled", "customer_asked")
    assert (await ids(ana, view="overdue"), await ids(ana, view="cancelled")) == ([], [call["id"]])
    again = [await ana.post(f"{path}/cancel", {"reason": "x"}), await ana.patch(path, {"note": "x"})]
    assert codes(again) == [409, 409]
    reopened = await ana.post(f"{path}/reopen", {})
    assert reopened.json()["state"] == "planned"
    assert await ids(ana, view="overdue") == [call["id"]]
    assert (await ana.post(f"{path}/reopen", {})).status_code == 409


async def test_what_happened_is_told_corrected_and_taken_back(
    deal: dict[str, Any], ana: Desk, sales_sessions: Sessions
) -> None:
    done = at(-HOUR)
    call = await add(ana, deal, done_at=done, outcome="no_answer", title="Kim", note="Kim was out")
    path = f"/v1/activities/{call['id']}"
    await ana.patch(path, {"note": "Kim was ill"})  # which nobody else is told of
    await ana.patch(path, {"outcome": "connected"})
    await ana.post(f"{path}/cancel", {"reason": "mistake"})

    facts = [fact for fact in await told(sales_sessions, call["id"]) if isinstance(fact, ActivityLogged)]

    assert [(one.version, one.outcome, one.cancelled) for one in facts] == [
        (1, "no_answer", False),
        (2, "connected", False),
        (3, "connected", True),
    ]
    assert {(one.lead_id and str(one.lead_id), one.cycle, one.rep_id) for one in facts} == {
        (deal["lead_id"], deal["cycle"], ANA)
    }
    assert [str(one) for one in facts[0].contact_ids] == deal["contact_ids"]
    assert "Kim" not in str([one.data() for one in facts])


@pytest.mark.parametrize("form", [{"kind": "task", "done_at": "now"}, {"kind": "note", "done_at": "now"}, {}])
async def test_what_is_for_oneself_or_only_planned_is_told_to_nobody(
    deal: dict[str, Any], ana: Desk, sales_sessions: Sessions, form: dict[str, Any]
) -> None:
    made = await add(ana, deal, **({**form, "done_at": at(-HOUR)} if form else {}))

    assert await told(sales_sessions, made["id"]) == []


async def test_the_same_external_id_is_the_same_activity(
    deal: dict[str, Any], ana: Desk, sales_sessions: Sessions
) -> None:
    call = {"due_at": None, "done_at": at(-HOUR), "external_id": "pbx-17", "outcome": "connected"}
    first, again = await add(ana, deal, **call), await add(ana, deal, **call)
    other = await ana.post("/v1/activities", {"kind": "email", "deal_id": deal["id"], **call})

    assert first == again
    assert other.status_code == 409
    assert "another direction" not in other.text
    assert "another kind" in other.json()["detail"]
    assert len(await told(sales_sessions, first["id"])) == 1


async def test_lists_are_narrowed(deal: dict[str, Any], ana: Desk) -> None:
    call = await add(ana, deal, due_at=at(HOUR))
    demo = await add(ana, kind="demo", due_at=at(timedelta(days=40)))

    assert await ids(ana, view="upcoming") == [call["id"], demo["id"]]
    assert await ids(ana, kind="demo") == [demo["id"]]
    assert await ids(ana, deal_id=deal["id"]) == [call["id"]]
    [shown] = (await ana.get("/v1/activities", kind="call")).json()["items"]
    assert (shown["company_name"], shown["stage"]) == (deal["company_name"], "new")
    refused = [
        await ana.get("/v1/activities", view="done", due="overdue"),
        await ana.get("/v1/activities", view="today", time_zone="Foo/Bar"),
    ]
    assert codes(refused) == [422, 422]
