"""Marketing takes leads back: offers end, turns and places are as before; accepted ones end with a deal."""

from typing import Any

import pytest

from shared.events.marketing import LeadQualified, LeadWithdrawn
from tests.handoff.samples import SALES, House, deal_closed, lead_qualified
from tests.support.samples import NOON


def withdrawn(lead: LeadQualified, **changes: Any) -> LeadWithdrawn:
    values = {
        "version": 2,
        "lead_id": lead.lead_id,
        "cycle": lead.cycle,
        "reason": "spam",
        "withdrawn_at": NOON,
    }
    return LeadWithdrawn(**(values | changes))


async def standing(house: House) -> tuple[list[Any], list[Any]]:
    """What the ledger owes each rep, and how many leads each holds."""
    levels = await house.run("SELECT rep_id, band, due - received FROM standings ORDER BY 1, 2")
    loads = await house.run("SELECT rep_id, open_leads FROM loads ORDER BY 1")
    return [tuple(row) for row in levels], [tuple(row) for row in loads]


async def state_of(house: House, lead: LeadQualified) -> str:
    sql = "SELECT state FROM leads WHERE lead_id = $1 AND cycle = $2"
    return str((await house.run(sql, lead.lead_id, lead.cycle)).scalar_one())


async def is_proven(house: House) -> bool:
    shown = await house.done("admin", "boss", "GET", "/v1/reports/fairness", params={"team_id": str(SALES)})
    return all(one["proof"]["holds"] for one in shown["ledgers"])


async def test_a_flood_is_taken_back_and_the_next_lead_finds_a_rep(house: House) -> None:
    for subject in ("ana", "ben", "cyd"):
        await house.hire(subject, capacity=2)
    await house.hear(lead_qualified())
    before = await standing(house)
    flood = [lead_qualified() for _ in range(9)]
    await house.hear(*flood)
    assert {await state_of(house, lead) for lead in flood} == {"offered", "pool"}

    await house.hear(*(withdrawn(lead) for lead in flood))

    assert {await state_of(house, lead) for lead in flood} == {"withdrawn"}
    assert await standing(house) == before
    assert await is_proven(house)
    next_one = lead_qualified()
    await house.hear(next_one)
    assert (await house.offer_of(next_one))["state"] == "offered"


async def test_an_offer_that_went_from_rep_to_rep_gives_back_every_turn(house: House) -> None:
    for subject in ("ana", "ben", "cyd"):
        await house.hire(subject)
    await house.hear(lead_qualified())
    before = await standing(house)
    spam = lead_qualified()
    await house.hear(spam)
    await house.answer(spam, "decline", reason="busy")  # costs the turn
    await house.answer(spam, "decline", reason="duplicate")  # does not

    await house.hear(withdrawn(spam))

    assert await standing(house) == before
    again = await house.run("SELECT count(*) FROM turns WHERE kind = 'credited_back'")
    assert again.scalar_one() == 3


async def test_who_accepts_what_was_taken_back_is_told_so(house: House) -> None:
    await house.hire("ana")
    spam = lead_qualified()
    await house.hear(spam)
    offer = await house.offer_of(spam)
    await house.hear(withdrawn(spam))

    answer = await house.call("rep", "ana", "POST", f"/v1/assignments/{offer['id']}/accept")

    assert answer.status_code == 409
    assert "Marketing has taken the lead back" in answer.json()["detail"]


async def test_an_accepted_lead_is_marked_and_ends_with_its_deal(house: House) -> None:
    ana = await house.hire("ana")
    spam = lead_qualified()
    await house.hear(spam)
    await house.answer(spam, "accept")

    await house.hear(withdrawn(spam))
    assert await state_of(house, spam) == "accepted"
    assert (await standing(house))[1][0][1] == 1

    await house.hear(deal_closed(spam, ana, outcome="disqualified", reason="spam"))

    assert await state_of(house, spam) == "closed"
    assert (await standing(house))[1][0][1] == 0


async def test_held_and_pooled_leads_end_and_a_cycle_unknown_is_passed_over(house: House) -> None:
    held, pooled, unknown = lead_qualified(backfilled=True), lead_qualified(), lead_qualified()
    await house.hear(held, pooled)

    await house.hear(withdrawn(held), withdrawn(pooled), withdrawn(unknown))
    await house.hire("ana")
    await house.tick()

    assert [await state_of(house, lead) for lead in (held, pooled)] == ["withdrawn", "withdrawn"]
    assert await house.offers() == []


async def test_the_next_cycle_of_a_lead_taken_back_is_offered(house: House) -> None:
    await house.hire("ana")
    spam = lead_qualified()
    await house.hear(spam, withdrawn(spam))

    again = spam.model_copy(update={"cycle": 2, "version": 3})
    await house.hear(again)

    assert await state_of(house, again) == "offered"
    assert (await house.offer_of(again))["lead"]["received_at"] == "2026-03-02T12:00:00Z", "its old clock"


@pytest.mark.parametrize("ended", ["offered", "accepted", "returned"])
async def test_no_report_counts_a_lead_that_was_taken_back(house: House, ended: str) -> None:
    await house.hire("ana")
    spam, true = lead_qualified(), lead_qualified()
    await house.hear(spam, true)
    if ended != "offered":
        await house.answer(spam, "accept")
    if ended == "returned":
        await house.answer(spam, "return", reason="duplicate")
    params = {"from": "2026-03-01", "to": "2026-03-31"}

    await house.hear(withdrawn(spam))

    shown = await house.done("admin", "boss", "GET", "/v1/reports/speed-to-lead", params=params)
    assert shown["total"]["leads"] == 1
