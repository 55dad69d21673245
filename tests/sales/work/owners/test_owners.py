"""Deals go to other reps, with what is planned for them; results stay whose they were."""

from typing import Any
from uuid import UUID

import pytest

from services.sales.work.owners.rules import share_out
from shared.database.sessions import Sessions
from shared.events.sales import DealOwnerChanged
from tests.sales.samples import (
    ANA,
    BEN,
    NORTH,
    SOUTH,
    Desk,
    codes,
    deliver,
    euros,
    lead_accepted,
    lead_returned,
    rep_changed,
    told,
)

EVA, PIA = UUID(int=0xE7A), UUID(int=0x71A)
PLANNED = {"kind": "call", "due_at": "2030-01-01T10:00:00Z"}


OF_SOUTH: dict[str, Any] = {"team_id": SOUTH, "team_name": "South", "manager_subject": "mia"}


@pytest.fixture
async def eva(sales_sessions: Sessions) -> None:
    """A third rep, of ana's team."""
    await deliver(sales_sessions, rep_changed(EVA, subject="eva", **OF_SOUTH))


async def test_a_manager_gives_a_deal_to_another_rep_of_theirs(
    sales_sessions: Sessions, deal: dict[str, Any], eva: None, ana: Desk, mia: Desk
) -> None:
    path = f"/v1/deals/{deal['id']}"

    answer = await mia.post(f"{path}/owner", {"rep_id": str(EVA), "why": "Knows the industry."})

    given = answer.json()
    assert (given["rep_id"], given["sourced_by"], given["version"]) == (str(EVA), str(ANA), 2)
    assert codes([await ana.get(path), await mia.get(path)]) == [404, 200]
    *_, fact = await told(sales_sessions, deal["id"])
    assert isinstance(fact, DealOwnerChanged)
    assert (fact.version, fact.from_rep_id, fact.rep_id, fact.team_id) == (2, ANA, EVA, SOUTH)
    assert (fact.lead_id, fact.cycle, fact.outcome) == (UUID(deal["lead_id"]), 1, None)
    assert [str(one) for one in fact.contact_ids] == deal["contact_ids"]
    changed = (await mia.get(f"{path}/changes")).json()["items"]
    assert [(one["field"], one["before"], one["after"], one["why"], one["by"]) for one in changed] == [
        ("rep_id", str(ANA), str(EVA), "Knows the industry.", "mia")
    ]
    [line] = (await mia.get(f"{path}/history")).json()
    assert (line["fact"], line["from_stage"], line["to_stage"], line["seconds"]) == (
        "owner_changed",
        "new",
        "new",
        0,
    )


async def test_who_may_give_to_whom(
    sales_sessions: Sessions, deal: dict[str, Any], eva: None, ana: Desk, ben: Desk, mia: Desk, boss: Desk
) -> None:
    path = f"/v1/deals/{deal['id']}/owner"
    to_ben, to_eva, to_nobody = ({"rep_id": str(one)} for one in (BEN, EVA, UUID(int=9)))

    assert codes([await ana.post(path, to_eva), await ben.post(path, to_eva)]) == [403, 403]
    assert codes([await mia.post(path, to_ben), await mia.post(path, to_nobody)]) == [422, 422]
    assert codes([await mia.post(path, {"rep_id": str(ANA)})]) == [409]  # has it
    gone = rep_changed(EVA, version=2, subject="eva", active=False, **OF_SOUTH)
    await deliver(sales_sessions, gone)
    assert codes([await mia.post(path, to_eva)]) == [422]  # has left
    assert codes([await boss.post(path, to_ben)]) == [200]
    assert codes([await mia.post(path, {"rep_id": str(ANA)})]) == [404]  # of North now
    assert (await boss.get(f"/v1/deals/{deal['id']}")).json()["team_id"] == str(NORTH)


async def test_what_is_planned_goes_along_unless_it_is_anothers(
    deal: dict[str, Any], eva: None, ana: Desk, mia: Desk, boss: Desk
) -> None:
    path = f"/v1/deals/{deal['id']}/activities"
    hers = (await ana.post(path, PLANNED)).json()
    bens = (await boss.post(path, PLANNED | {"assignee_id": str(BEN)})).json()
    done = (await ana.post(path, {"kind": "call", "done_at": "2026-01-01T10:00:00Z"})).json()

    await mia.post(f"/v1/deals/{deal['id']}/owner", {"rep_id": str(EVA)})

    assignees = {one["id"]: one["assignee_id"] for one in (await mia.get(path)).json()}
    assert assignees == {hers["id"]: str(EVA), bens["id"]: str(BEN), done["id"]: str(ANA)}


async def test_a_won_deal_is_the_result_of_who_won_it(
    deal: dict[str, Any], two_reps: None, ana: Desk, mia: Desk, boss: Desk
) -> None:
    path = f"/v1/deals/{deal['id']}"
    await ana.post(f"{path}/stage", {"stage": "proposal"})
    won = await ana.post(f"{path}/win", {"amount": euros("100.00")})
    assert won.status_code == 200

    given = await boss.post(f"{path}/owner", {"rep_id": str(BEN)})

    assert (given.status_code, given.json()["rep_id"], given.json()["state"]) == (200, str(BEN), "won")
    year = {"from": "2020-01-01", "to": "2040-01-01"}
    assert (await mia.get("/v1/reports/win-rate", **year)).json()["won"] == 1
    assert (await mia.get("/v1/deals")).json()["items"] == []
    await boss.post(f"{path}/reopen")
    await boss.post(f"{path}/lose", {"reason": "price"})
    assert (await mia.get("/v1/reports/win-rate", **year)).json()["lost"] == 0  # ben's


async def test_what_went_back_to_marketing_is_nobodys(
    sales_sessions: Sessions, two_reps: None, boss: Desk
) -> None:
    accepted = lead_accepted()
    await deliver(sales_sessions, accepted)
    await deliver(sales_sessions, lead_returned(accepted))
    [deal] = (await boss.get("/v1/deals")).json()["items"]

    refused = await boss.post(f"/v1/deals/{deal['id']}/owner", {"rep_id": str(BEN)})

    assert (refused.status_code, deal["state"]) == (409, "disqualified")


async def test_all_of_a_leavers_work_is_shared_out(
    sales_sessions: Sessions, two_reps: None, eva: None, ana: Desk, mia: Desk
) -> None:
    await deliver(sales_sessions, *(lead_accepted() for _ in range(4)), lead_accepted(rep_id=EVA))
    task = (await ana.post("/v1/activities", PLANNED | {"kind": "task"})).json()
    pia = rep_changed(PIA, subject="pia", team_id=SOUTH, team_name="South", manager_subject="mia")
    await deliver(sales_sessions, pia)

    answer = await mia.post(
        "/v1/owner-changes", {"from_rep_id": str(ANA), "to_rep_ids": [str(EVA), str(PIA)]}
    )

    assert answer.status_code == 200, answer.text
    done = answer.json()
    to = [one["rep_id"] for one in done["deals"]]
    assert (to.count(str(EVA)), to.count(str(PIA)), done["activities"], done["left"]) == (2, 2, 1, 0)
    assert to[0] == str(PIA)  # eva has one already
    assert (await ana.get("/v1/deals")).json()["items"] == []
    assert (await mia.get(f"/v1/activities/{task['id']}")).json()["assignee_id"] == str(EVA)
    facts = [fact for fact in await told(sales_sessions) if isinstance(fact, DealOwnerChanged)]
    assert len(facts) == 4


async def test_all_of_the_deals_named_or_none(
    sales_sessions: Sessions, deal: dict[str, Any], eva: None, mia: Desk, boss: Desk
) -> None:
    await deliver(sales_sessions, lead_accepted(rep_id=BEN, team_id=NORTH))
    ids = [one["id"] for one in (await boss.get("/v1/deals")).json()["items"]]

    refused = await mia.post("/v1/owner-changes", {"deal_ids": ids, "to_rep_ids": [str(EVA)]})

    assert refused.status_code == 422
    assert [one["pointer"] for one in refused.json()["errors"]] == [f"/deal_ids/{ids.index(deal['id']) ^ 1}"]
    assert (await boss.get(f"/v1/deals/{deal['id']}")).json()["rep_id"] == str(ANA)
    taken = await boss.post("/v1/owner-changes", {"deal_ids": ids, "to_rep_ids": [str(EVA)]})
    assert {one["rep_id"] for one in taken.json()["deals"]} == {str(EVA)}


@pytest.mark.parametrize(
    "form",
    [
        {"to_rep_ids": [str(EVA)]},
        {"from_rep_id": str(ANA), "deal_ids": [str(ANA)], "to_rep_ids": [str(EVA)]},
        {"from_rep_id": str(EVA), "to_rep_ids": [str(EVA)]},
        {"from_rep_id": str(BEN), "to_rep_ids": [str(EVA)]},  # of another team
        {"from_rep_id": str(ANA), "to_rep_ids": []},
        {"deal_ids": [], "to_rep_ids": [str(EVA)]},
    ],
)
async def test_unclear_orders_are_refused(two_reps: None, eva: None, mia: Desk, form: dict[str, Any]) -> None:
    assert (await mia.post("/v1/owner-changes", form)).status_code == 422


ONE, TWO, THREE = (UUID(int=number) for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("deals", "to", "has", "right"),
    [
        ([ONE, TWO, THREE], [ANA], {}, [ANA, ANA, ANA]),
        ([ONE, TWO, THREE], [ANA, BEN], {}, [ANA, BEN, ANA]),
        ([ONE, TWO, THREE], [ANA, BEN], {ANA: 2}, [BEN, BEN, ANA]),
        ([ONE], [BEN, ANA], {ANA: 1, BEN: 1}, [BEN]),
        ([], [ANA], {}, []),
    ],
)
def test_who_has_the_fewest_gets_the_next(
    deals: list[UUID], to: list[UUID], has: dict[UUID, int], right: list[UUID]
) -> None:
    assert list(share_out(deals, to, has).values()) == right
