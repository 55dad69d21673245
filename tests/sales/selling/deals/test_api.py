"""Opening, listing, pricing and moving deals over HTTP."""

from datetime import timedelta
from typing import Any

import pytest

from shared import clock
from shared.database.sessions import Sessions
from tests.sales.samples import BEN, NORTH, Desk, codes, deliver, euros, lead_accepted, told


async def test_a_rep_sees_their_own_deals_and_a_manager_their_teams(
    sales_sessions: Sessions, deal: dict[str, Any], ana: Desk, ben: Desk, mia: Desk, boss: Desk
) -> None:
    await deliver(sales_sessions, lead_accepted(rep_id=BEN, team_id=NORTH))

    seen = [len((await desk.get("/v1/deals")).json()["items"]) for desk in (ana, ben, mia, boss)]

    assert seen == [1, 1, 1, 2]
    path = f"/v1/deals/{deal['id']}"
    assert codes([await desk.get(path) for desk in (ana, ben, mia, boss)]) == [200, 404, 200, 200]


async def test_a_foreign_deal_is_not_found_by_any_command(deal: dict[str, Any], ben: Desk) -> None:
    path = f"/v1/deals/{deal['id']}"
    commands: dict[str, Any] = {
        "stage": {"stage": "demo"},
        "win": {},
        "lose": {"reason": "price"},
        "activities": {"kind": "call", "due_at": "2026-12-01T10:00:00Z"},
    }

    answers = [await ben.post(f"{path}/{verb}", body) for verb, body in commands.items()]
    answers += [await ben.patch(path, {"amount": euros("1.00")})]
    answers += [await ben.get(f"{path}/{page}") for page in ("history", "payments", "activities")]

    assert set(codes(answers)) == {404}


async def test_a_deal_of_a_rep_not_known_yet_shows_up_with_the_rep(
    sales_sessions: Sessions, ana: Desk, boss: Desk
) -> None:
    await deliver(sales_sessions, lead_accepted())

    assert len((await boss.get("/v1/deals")).json()["items"]) == 1
    assert (await ana.get("/v1/deals")).json()["items"] == []


async def test_lists_go_page_by_page_without_gap_or_repeat(sales_sessions: Sessions, boss: Desk) -> None:
    await deliver(sales_sessions, *(lead_accepted() for _ in range(5)))

    ids: list[str] = []
    cursor: str | None = None
    while True:
        page = (await boss.get("/v1/deals", limit=2, **({"cursor": cursor} if cursor else {}))).json()
        ids += [deal["id"] for deal in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert len(ids) == len(set(ids)) == 5
    assert ids == sorted(ids, reverse=True)


async def test_filters_narrow_the_list(deal: dict[str, Any], ana: Desk) -> None:
    async def count(**filters: str) -> int:
        return len((await ana.get("/v1/deals", **filters)).json()["items"])

    assert await count(state="open", stage="new", lead_id=deal["lead_id"]) == 1
    assert await count(state="won") == 0
    assert await count(rep_id=str(BEN)) == 0
    assert (await ana.get("/v1/deals", state="sleeping")).status_code == 422


async def test_a_rep_opens_a_deal_without_a_lead(ana: Desk, two_reps: None, sales_sessions: Sessions) -> None:
    opened = await ana.post("/v1/deals", {"amount": euros("50.00")})

    assert opened.status_code == 201
    shown = opened.json()
    assert (shown["origin"], shown["lead_id"], shown["stage"]) == ("prospecting", None, "new")
    [fact] = await told(sales_sessions, shown["id"])
    assert (fact.origin, fact.lead_id, fact.version, fact.amount_minor) == ("prospecting", None, 1, 5000)


async def test_who_a_deal_may_be_opened_for(ana: Desk, mia: Desk, boss: Desk, two_reps: None) -> None:
    for_ben = {"rep_id": str(BEN)}

    answers = [await desk.post("/v1/deals", for_ben) for desk in (ana, mia, boss)]

    assert codes(answers) == [422, 422, 201]
    assert codes([await boss.post("/v1/deals")]) == [422]  # the admin is no rep


MALFORMED: list[dict[str, Any]] = [
    {"amount": {"amount": "1.005", "currency": "EUR"}},
    {"amount": {"amount": "-1.00", "currency": "EUR"}},
    {"amount": {"amount": 12.5, "currency": "EUR"}},
    {"amount": {"amount": "1.00", "currency": "XXQ"}},
    {"colour": "red"},
    {"stage": "won"},
]


async def test_malformed_changes_are_refused(deal: dict[str, Any], ana: Desk) -> None:
    answers = [await ana.patch(f"/v1/deals/{deal['id']}", body) for body in MALFORMED]

    assert codes(answers) == [422] * len(MALFORMED)


async def test_a_stale_edit_is_refused_and_a_fresh_one_taken(deal: dict[str, Any], ana: Desk) -> None:
    path = f"/v1/deals/{deal['id']}"
    first = (await ana.get(path)).headers["etag"]

    fresh = await ana.patch(path, {"expected_close_on": "2026-12-31"}, **{"If-Match": first})
    stale = await ana.patch(path, {"expected_close_on": "2027-01-31"}, **{"If-Match": first})
    cleared = await ana.patch(path, {"expected_close_on": None}, **{"If-Match": fresh.headers["etag"]})

    assert codes([fresh, stale, cleared]) == [200, 412, 200]
    assert cleared.json()["expected_close_on"] is None


async def test_a_move_says_where_from_and_whether_it_became_an_opportunity(
    deal: dict[str, Any], ana: Desk, sales_sessions: Sessions
) -> None:
    path = f"/v1/deals/{deal['id']}/stage"

    moves = [await ana.post(path, {"stage": stage}) for stage in ("demo", "new", "proposal")]

    assert codes(moves) == [200] * 3
    facts = (await told(sales_sessions, deal["id"]))[1:]
    assert [
        (fact.from_stage, fact.to_stage, fact.became_opportunity, fact.probability) for fact in facts
    ] == [
        ("new", "demo", True, 40),
        ("demo", "new", False, 0),
        ("new", "proposal", False, 60),
    ]


async def test_a_deal_moves_to_known_other_stages_only(deal: dict[str, Any], ana: Desk) -> None:
    path = f"/v1/deals/{deal['id']}/stage"

    answers = [await ana.post(path, {"stage": stage}) for stage in ("nirvana", "new")]

    assert codes(answers) == [422, 409]


async def test_the_history_says_from_where_to_where_how_long_and_who(
    deal: dict[str, Any], ana: Desk, mia: Desk
) -> None:
    path = f"/v1/deals/{deal['id']}"
    hour_ago = (clock.now() - timedelta(hours=1)).isoformat()
    await mia.post(f"{path}/stage", {"stage": "demo", "occurred_at": hour_ago})
    await ana.post(f"{path}/lose", {"reason": "price"})

    lines = (await ana.get(f"{path}/history")).json()

    assert [(line["fact"], line["from_stage"], line["to_stage"], line["by"]) for line in lines] == [
        ("stage_changed", "new", "demo", "mia"),
        ("lost", "demo", "demo", "ana"),
    ]
    assert lines[1]["seconds"] == pytest.approx(3600, abs=60)
    assert [line["version"] for line in lines] == [2, 3]
