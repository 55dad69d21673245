"""Time passes: offers expire, leads move on, the pool empties when somebody is free."""

import asyncio
from datetime import timedelta

import orjson
import pytest

from shared import clock
from tests.handoff.samples import House, lead_qualified
from tests.support.samples import NOON


async def test_an_offer_not_answered_in_time_goes_to_the_next_rep(house: House) -> None:
    await house.hire("ana")
    await house.hire("ben")
    lead = lead_qualified()
    await house.hear(lead)
    slow = await house.holder(lead)

    await house.lapse(lead)
    await house.tick()

    assert {slow, await house.holder(lead)} == {"ana", "ben"}
    assert await house.told_types() == ["lead_assigned", "offer_expired", "lead_assigned"]
    assert [row.version for row in await house.told()] == [1, 2, 3]


async def test_a_late_accept_is_refused_even_before_the_timer_comes_by(house: House) -> None:
    await house.hire("ana")
    lead = lead_qualified()
    await house.hear(lead)
    offer = await house.offer_of(lead)

    await house.lapse(lead)
    late = await house.call("rep", "ana", "POST", f"/v1/assignments/{offer['id']}/accept")

    assert late.status_code == 409
    assert "is expired" in late.json()["detail"]
    assert "only one that is offered" in late.json()["detail"]
    assert [each["state"] for each in await house.offers()] == ["expired"]
    assert await house.offers(state="offered") == []


async def test_a_service_whose_clock_is_slow_refuses_a_late_accept_all_the_same(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deadlines go by the database's clock, the one that all processes share."""
    await house.hire("ana")
    lead = lead_qualified()
    await house.hear(lead)
    offer = await house.offer_of(lead)
    await house.lapse(lead)

    slow = clock.now() - timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: slow)
    late = await house.call("rep", "ana", "POST", f"/v1/assignments/{offer['id']}/accept")

    assert late.status_code == 409
    assert "is expired" in late.json()["detail"]


async def test_a_timeout_costs_the_turn(house: House) -> None:
    await house.hire("ana")
    lead = lead_qualified()
    await house.hear(lead)

    await house.lapse(lead)
    await house.tick()

    [ledger] = (await house.done("admin", "boss", "GET", "/v1/reports/fairness"))["ledgers"]
    assert [share["received"] for share in ledger["reps"]] == [1]


async def test_after_so_many_offers_the_lead_goes_back(house: House) -> None:
    for name in ("ana", "ben", "cleo"):
        await house.hire(name)
    lead = lead_qualified()
    await house.hear(lead)

    for _ in range(3):
        await house.lapse(lead)
        await house.tick(hop_cap=2)

    types = await house.told_types()
    assert types == ["lead_assigned", "offer_expired", "lead_assigned", "offer_expired", "lead_returned"]
    assert orjson.loads((await house.told())[-1].data)["reason"] == "hop_cap"


async def test_many_offers_expire_in_one_sweep_and_loads_stay_exact(house: House) -> None:
    for name in ("ana", "ben", "cleo"):
        await house.hire(name, capacity=1000)
    leads = [lead_qualified() for _ in range(250)]
    await house.hear(*leads)

    await house.lapse(*leads)
    await house.tick()

    assert len(await house.offers(state="expired")) == 200  # one page of 250
    page = await house.done("admin", "boss", "GET", "/v1/reps")
    assert sum(rep["open_leads"] for rep in page["items"]) == 250
    for ledger in (await house.done("admin", "boss", "GET", "/v1/reports/fairness"))["ledgers"]:
        assert ledger["proof"]["holds"]


async def test_two_workers_sweeping_at_once_move_each_lead_once(house: House) -> None:
    for name in ("ana", "ben", "cleo"):
        await house.hire(name)
    leads = [lead_qualified(score=score) for score in (10, 90) * 20]
    await house.hear(*leads)

    await house.lapse(*leads)
    await asyncio.gather(*(house.tick() for _ in range(4)))

    types = await house.told_types()
    assert (types.count("lead_assigned"), types.count("offer_expired")) == (80, 40)
    page = await house.done("admin", "boss", "GET", "/v1/reps")
    assert sum(rep["open_leads"] for rep in page["items"]) == 40
    for ledger in (await house.done("admin", "boss", "GET", "/v1/reports/fairness"))["ledgers"]:
        assert ledger["proof"]["holds"]


async def test_an_accept_and_the_timer_at_the_deadline_never_both_win(house: House) -> None:
    await house.hire("ana")
    await house.hire("ben")
    leads = [lead_qualified() for _ in range(5)]
    await house.hear(*leads)
    offers = await house.offers()
    names = {id_: name for name, id_ in house.reps.items()}
    await house.run("UPDATE assignments SET answer_by = now() + interval '150 milliseconds'")

    answers, _ = await asyncio.gather(
        asyncio.gather(
            *(
                house.call("rep", names[offer["rep_id"]], "POST", f"/v1/assignments/{offer['id']}/accept")
                for offer in offers
            )
        ),
        until_quiet(house),
    )

    assert {answer.status_code for answer in answers} <= {200, 409, 503}
    told = [(row.key, row.type.split(".")[2]) for row in await house.told()]
    for offer in offers:
        of_lead = [what for key, what in told if key == offer["lead"]["lead_id"]]
        assert ("lead_accepted" in of_lead) != ("offer_expired" in of_lead)


async def until_quiet(house: House) -> None:
    """The timers, until no first offer is open any more."""
    still_open = "SELECT 1 FROM assignments WHERE hop = 1 AND state = 'offered' LIMIT 1"
    while (await house.run(still_open)).first():
        await house.tick()


async def test_a_lead_without_a_free_rep_waits_and_is_offered_when_one_comes(
    house: House,
) -> None:
    lead = lead_qualified()
    await house.hear(lead)

    waiting = await house.done("admin", "boss", "GET", "/v1/pool")
    await house.tick()
    await house.hire("ana")
    await house.tick()

    assert [each["lead_id"] for each in waiting["items"]] == [str(lead.lead_id)]
    assert await house.holder(lead) == "ana"
    assert (await house.done("admin", "boss", "GET", "/v1/pool"))["items"] == []
    assert [row.version for row in await house.told()] == [1]


async def test_the_pool_fills_a_rep_up_to_their_capacity_hot_and_fresh_first(house: House) -> None:
    await house.hire("ana", capacity=1)
    first = lead_qualified()
    await house.hear(first)
    warm = lead_qualified(score=10, qualified_at=NOON + timedelta(hours=2))
    hot = lead_qualified(qualified_at=NOON)
    fresh = lead_qualified(qualified_at=NOON + timedelta(hours=1))
    for lead in (warm, hot, fresh):
        await house.hear(lead)

    served: list[set[str]] = []
    for capacity in (2, 3, 4):
        await house.done(
            "admin", "boss", "PATCH", f"/v1/reps/{house.reps['ana']}", json={"capacity": capacity}
        )
        await house.tick()
        offered = {offer["lead"]["lead_id"] for offer in await house.offers()}
        served.append(offered - {str(first.lead_id), *(lead for each in served for lead in each)})

    assert served == [{str(fresh.lead_id)}, {str(hot.lead_id)}, {str(warm.lead_id)}]


async def test_who_passed_on_a_lead_does_not_block_the_pool(house: House) -> None:
    await house.hire("ana", capacity=1)
    await house.hire("ben", capacity=0)
    passed = lead_qualified()
    await house.hear(passed)
    await house.answer(passed, "decline", reason="busy")  # now it waits for Ben, who is full
    fresh = lead_qualified()
    await house.hear(fresh)
    assert await house.holder(fresh) == "ana"

    await house.done("admin", "boss", "PATCH", f"/v1/reps/{house.reps['ben']}", json={"capacity": 1})
    await house.run("UPDATE leads SET wait_until = now() WHERE state = 'pool'")
    await house.tick()

    assert await house.holder(passed) == "ben"


async def test_new_rules_move_what_waits(house: House) -> None:
    lead = lead_qualified()
    await house.hear(lead)
    team = await house.done("admin", "boss", "POST", "/v1/teams", json={"name": "North"})
    await house.hire("ana", team_id=team["id"])

    rules = {"rules": [{"name": "All", "team_id": team["id"]}]}
    await house.done("admin", "boss", "PUT", "/v1/routing-rules", json=rules)
    await house.tick()

    assert await house.holder(lead) == "ana"
