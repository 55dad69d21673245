"""A colleague is asked to take a deal, and takes it or not; it stays the asker's until then."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from services.sales.work.hand_overs.rules import refusal
from shared.database.sessions import Sessions
from shared.events.sales import DealOwnerChanged
from tests.sales.samples import ANA, BEN, Desk, codes, deliver, rep_changed, told
from tests.sales.work.activities.test_work import add

ASKED = "/v1/hand-overs"


async def ask(desk: Desk, deal: dict[str, Any], **more: Any) -> dict[str, Any]:
    form = {"to_rep_id": str(BEN), "note": "Security is the topic."} | more
    answer = await desk.post(f"/v1/deals/{deal['id']}/hand-overs", form)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_colleague_of_another_team_takes_it(
    sales_sessions: Sessions, deal: dict[str, Any], two_reps: None, ana: Desk, ben: Desk
) -> None:
    demo = await add(ana, deal, kind="demo")
    asked = await ask(ana, deal, activity_id=demo["id"])
    path = f"/v1/deals/{deal['id']}"

    assert (asked["state"], asked["company_name"], asked["stage"]) == ("asked", "Northwind GmbH", "new")
    assert codes([await ana.get(path), await ben.get(path)]) == [200, 404]  # until he says yes
    [on_his_desk] = (await ben.get("/v1/day")).json()["asked_of_you"]
    assert (on_his_desk["id"], on_his_desk["note"]) == (asked["id"], "Security is the topic.")
    taken = await ben.post(f"{ASKED}/{asked['id']}/accept")

    assert (taken.status_code, taken.json()["state"]) == (200, "accepted")
    assert codes([await ana.get(path), await ben.get(path)]) == [404, 200]
    page = (await ben.get(path)).json()
    assert (page["rep_id"], page["sourced_by"]) == (str(BEN), str(ANA))
    assert [one["assignee_id"] for one in page["activities"]] == [str(BEN)]
    *_, fact = await told(sales_sessions, deal["id"])
    assert isinstance(fact, DealOwnerChanged)
    assert (await ben.get("/v1/day")).json()["asked_of_you"] == []
    assert [one["state"] for one in (await ana.get(ASKED)).json()["items"]] == ["accepted"]


async def test_no_is_an_answer_and_so_is_never_mind(
    deal: dict[str, Any], two_reps: None, ana: Desk, ben: Desk, noa: Desk
) -> None:
    first = await ask(ana, deal)
    path = f"{ASKED}/{first['id']}"
    twice = await ana.post(f"/v1/deals/{deal['id']}/hand-overs", {"to_rep_id": str(BEN)})
    by_herself = await ana.post(f"{path}/accept")
    no = await ben.post(f"{path}/decline", {"reason": "no_time"})
    late = await ben.post(f"{path}/accept")
    assert codes([twice, by_herself, no, late]) == [409, 403, 200, 409]
    assert no.json()["reason"] == "no_time"
    second = await ask(ana, deal)
    back = f"{ASKED}/{second['id']}/withdraw"
    assert codes([await ben.post(back), await ana.post(back), await ana.post(back)]) == [403, 200, 409]
    third = await ask(ana, deal)
    for_him = await noa.post(f"{ASKED}/{third['id']}/accept")  # ben's manager
    assert codes([for_him]) == [200]
    assert (await ben.get("/v1/deals")).json()["items"][0]["id"] == deal["id"]


@pytest.mark.parametrize(
    ("form", "pointer"),
    [
        ({"to_rep_id": str(ANA)}, "/to_rep_id"),
        ({"to_rep_id": str(UUID(int=9))}, "/to_rep_id"),
        ({"to_rep_id": str(BEN), "activity_id": str(UUID(int=9))}, "/activity_id"),
    ],
)
async def test_who_and_what_can_be_asked(
    deal: dict[str, Any], two_reps: None, ana: Desk, form: dict[str, Any], pointer: str
) -> None:
    refused = await ana.post(f"/v1/deals/{deal['id']}/hand-overs", form)

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_what_happened_meanwhile_is_told(
    deal: dict[str, Any], two_reps: None, ana: Desk, ben: Desk, mia: Desk, sales_sessions: Sessions
) -> None:
    asked = await ask(ana, deal)
    await ana.post(f"/v1/deals/{deal['id']}/lose", {"reason": "price"})
    closed = await ben.post(f"{ASKED}/{asked['id']}/accept")
    again = await ana.post(f"/v1/deals/{deal['id']}/hand-overs", {"to_rep_id": str(BEN)})
    await mia.post(f"/v1/deals/{deal['id']}/reopen")
    await deliver(sales_sessions, rep_changed(BEN, version=2, active=False))
    left = await ben.post(f"{ASKED}/{asked['id']}/accept")

    assert codes([closed, again, left]) == [409, 409, 404]
    assert "closed meanwhile" in closed.json()["detail"]


async def test_who_gets_the_deal_otherwise_asks_anew(
    deal: dict[str, Any], two_reps: None, ana: Desk, ben: Desk, boss: Desk
) -> None:
    asked = await ask(ana, deal)
    await boss.post(f"/v1/deals/{deal['id']}/owner", {"rep_id": str(BEN)})

    meanwhile = await ben.post(f"{ASKED}/{asked['id']}/accept")
    anew = await ben.post(f"/v1/deals/{deal['id']}/hand-overs", {"to_rep_id": str(ANA)})

    assert codes([meanwhile, anew]) == [409, 201]
    states = {one["id"]: one["state"] for one in (await boss.get(ASKED)).json()["items"]}
    assert states == {asked["id"]: "withdrawn", anew.json()["id"]: "asked"}


async def test_two_answers_at_once_are_one(
    deal: dict[str, Any], two_reps: None, ana: Desk, ben: Desk, sales_sessions: Sessions
) -> None:
    asked = await ask(ana, deal)

    answers = await asyncio.gather(
        *(ben.post(f"{ASKED}/{asked['id']}/accept") for _ in range(3)),
        ana.post(f"{ASKED}/{asked['id']}/withdraw"),
    )

    assert sorted(codes(answers)) == [200, 409, 409, 409]
    facts = [fact for fact in await told(sales_sessions) if isinstance(fact, DealOwnerChanged)]
    assert len(facts) == (answers[3].status_code == 409)


async def test_colleagues_are_those_who_are_there(
    two_reps: None, ana: Desk, sales_sessions: Sessions
) -> None:
    await deliver(sales_sessions, rep_changed(UUID(int=5), subject="old", display_name="Old", active=False))

    items = (await ana.get("/v1/colleagues")).json()["items"]

    assert [(one["name"], one["team"]) for one in items] == [("Ana", "South"), ("Ben", "North")]


@pytest.mark.parametrize(
    ("state", "is_open", "theirs", "may"),
    [
        ("asked", True, True, True),
        ("asked", False, True, False),
        ("asked", True, False, False),
        ("declined", True, True, False),
        ("withdrawn", True, True, False),
        ("accepted", True, True, False),
    ],
)
def test_when_it_can_be_taken(state: str, is_open: bool, theirs: bool, may: bool) -> None:
    assert (refusal(state, deal_is_open=is_open, still_theirs=theirs) is None) == may
