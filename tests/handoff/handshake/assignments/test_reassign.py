"""A manager takes an offer from a rep without naming another: the rules decide anew."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from shared.events.marketing import LeadQualified
from tests.handoff.samples import SALES, House, lead_qualified


@dataclass(frozen=True)
class Case:
    """Ana has the offer. What is told ends with `then`, and the lead is in this state, with this rep."""

    name: str
    others: dict[str, dict[str, Any]]
    state: str
    rep: str | None = None
    then: tuple[str, ...] = ()
    body: dict[str, Any] = field(default_factory=dict)
    received: dict[str, int] = field(default_factory=dict)


FREE, FULL, GONE = {"capacity": 5}, {"capacity": 0}, {"active": False}
TO_BEN: dict[str, Any] = {"state": "offered", "rep": "ben", "then": ("lead_assigned",)}
CASES = (
    Case("somebody is free", {"ben": FREE}, **TO_BEN, received={"Ana": 0, "Ben": 1}),
    Case("no credit back", {"ben": FREE}, **TO_BEN, body={"credit_back": False},
         received={"Ana": 1, "Ben": 1}),
    Case("one is full, one is free", {"cleo": FULL, "ben": FREE}, **TO_BEN, received={"Ana": 0, "Ben": 1}),
    Case("all others are full", {"ben": FULL}, "pool", received={"Ana": 0}),
    Case("there is nobody else", {}, "returned", then=("lead_returned",), received={"Ana": 0}),
    Case("all others are inactive", {"ben": GONE}, "returned", then=("lead_returned",), received={"Ana": 0}),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_without_a_rep_it_goes_where_a_declined_one_would(house: House, case: Case) -> None:
    await house.hire("ana")
    lead = lead_qualified()
    await house.hear(lead)
    for subject, rep in case.others.items():
        await house.hire(subject, **rep)
    taken = await house.offer_of(lead)

    answer = await reassign(house, lead, **case.body)

    old = await house.done("admin", "boss", "GET", f"/v1/assignments/{taken['id']}")
    assert (old["state"], old["reason"], old["lead"]["state"]) == ("closed", "reassigned", case.state)
    assert answer["rep_id"] == house.reps[case.rep or "ana"]
    assert answer["state"] == ("offered" if case.rep else "closed")
    assert await house.told_types() == ["lead_assigned", *case.then]
    assert [row.version for row in await house.told()] == list(range(1, 2 + len(case.then)))
    assert await received(house) == case.received
    assert await open_leads(house) == {subject: int(subject == case.rep) for subject in ("ana", *case.others)}


async def test_without_a_rep_the_rules_pass_over_everybody_who_had_it(house: House) -> None:
    await house.hire("ana")
    await house.hire("ben")
    lead = lead_qualified()
    await house.hear(lead)
    first = await house.holder(lead)
    await house.answer(lead, "decline", reason="not_a_fit")  # the turn is given back: they are owed again
    second = await house.holder(lead)
    cleo = await house.hire("cleo")

    moved = await reassign(house, lead)

    assert (first, second) in (("ana", "ben"), ("ben", "ana"))
    assert (moved["rep_id"], moved["hop"]) == (cleo, 3)
    trace = await house.done("admin", "boss", "GET", f"/v1/assignments/{moved['id']}/trace")
    assert not trace["by_hand"]
    assert {(each["rep_id"], each["reason"]) for each in trace["passed_over"]} == {
        (house.reps[subject], "had_it_before") for subject in ("ana", "ben")
    }
    assert await received(house) == {"Ana": 0, "Ben": 0, "Cleo": 1}


async def test_without_a_rep_the_rules_of_now_name_the_team(house: House) -> None:
    """The turn comes back in the ledger it was taken from, and one is taken in the other team's."""
    await house.hire("ana")
    lead = lead_qualified()
    await house.hear(lead)
    north = await house.done("admin", "boss", "POST", "/v1/teams", json={"name": "North"})
    await house.hire("ben")
    nora = await house.hire("nora", team_id=north["id"])
    rules = {"rules": [{"name": "All", "team_id": north["id"]}]}
    await house.done("admin", "boss", "PUT", "/v1/routing-rules", json=rules)

    moved = await reassign(house, lead)

    assert (moved["rep_id"], moved["team_id"]) == (nora, north["id"])
    trace = await house.done("admin", "boss", "GET", f"/v1/assignments/{moved['id']}/trace")
    assert (trace["rule_set"], trace["rule_name"]) == (2, "All")
    assert await received(house) == {"Ana": 0, "Nora": 1}


async def test_a_manager_whose_lead_the_rules_send_elsewhere_sees_that_it_left(house: House) -> None:
    await house.done("admin", "boss", "PATCH", f"/v1/teams/{SALES}", json={"manager_subject": "mia"})
    await house.hire("ana")
    lead = lead_qualified()
    await house.hear(lead)
    north = await house.done("admin", "boss", "POST", "/v1/teams", json={"name": "North"})
    await house.hire("nora", team_id=north["id"])
    rules = {"rules": [{"name": "All", "team_id": north["id"]}]}
    await house.done("admin", "boss", "PUT", "/v1/routing-rules", json=rules)

    answer = await reassign(house, lead, by=("sales_manager", "mia"))

    assert (answer["rep_id"], answer["state"], answer["lead"]["state"]) == (
        house.reps["ana"],
        "closed",
        "offered",
    )
    assert await house.holder(lead) == "nora"


async def test_a_lead_that_waits_after_a_reassign_goes_to_the_next_who_is_free(house: House) -> None:
    await house.hire("ana")
    lead = lead_qualified()
    await house.hear(lead)
    ben = await house.hire("ben", capacity=0)
    await reassign(house, lead)
    await house.done("admin", "boss", "PATCH", f"/v1/reps/{ben}", json={"capacity": 1})
    await house.run("UPDATE leads SET wait_until = now() WHERE lead_id = $1", lead.lead_id)

    await house.tick()

    assert await house.holder(lead) == "ben"
    assert await received(house) == {"Ana": 0, "Ben": 1}


async def test_a_manager_may_ask_for_one_offer_more_than_the_rules_make(house: House) -> None:
    """After five offers a declined lead goes back to marketing."""
    for number in range(6):
        await house.hire(f"rep-{number}")
    lead = lead_qualified()
    await house.hear(lead)
    for _ in range(4):
        await house.answer(lead, "decline", reason="busy")

    moved = await reassign(house, lead)

    assert (moved["state"], moved["hop"]) == ("offered", 6)


@pytest.mark.parametrize(
    ("role", "subject", "status"),
    [("rep", "ana", 403), ("analyst", "ann", 403), ("sales_manager", "noa", 404),
     ("sales_manager", "mia", 200), ("admin", "boss", 200)],
)  # fmt: skip
async def test_who_may_reassign_may_leave_the_rep_to_the_rules(
    house: House, role: str, subject: str, status: int
) -> None:
    await house.done("admin", "boss", "PATCH", f"/v1/teams/{SALES}", json={"manager_subject": "mia"})
    await house.hire("ana")
    lead = lead_qualified()
    await house.hear(lead)
    await house.hire("ben")
    offer = await house.offer_of(lead)

    answer = await house.call(role, subject, "POST", f"/v1/assignments/{offer['id']}/reassign", json={})

    assert answer.status_code == status, answer.text
    assert await house.holder(lead) == ("ben" if status == 200 else "ana")


async def test_only_an_open_offer_is_reassigned(house: House) -> None:
    await house.hire("ana")
    lead = lead_qualified()
    await house.hear(lead)
    await house.hire("ben")
    await house.answer(lead, "accept")
    offer = await house.offer_of(lead)

    refused = await house.call("admin", "boss", "POST", f"/v1/assignments/{offer['id']}/reassign", json={})

    assert refused.status_code == 409
    assert await house.told_types() == ["lead_assigned", "lead_accepted"]


async def reassign(
    house: House, lead: LeadQualified, *, by: tuple[str, str] = ("admin", "boss"), **body: Any
) -> Any:
    offer = await house.offer_of(lead)
    return await house.done(*by, "POST", f"/v1/assignments/{offer['id']}/reassign", json=body)


async def received(house: House) -> dict[str, int]:
    """What each rep of the ledgers was given, which the turns alone must prove."""
    ledgers = (await house.done("admin", "boss", "GET", "/v1/reports/fairness"))["ledgers"]
    assert all(ledger["proof"]["holds"] for ledger in ledgers)
    return {share["display_name"]: share["received"] for ledger in ledgers for share in ledger["reps"]}


async def open_leads(house: House) -> dict[str, int]:
    page = await house.done("admin", "boss", "GET", "/v1/reps")
    return {rep["display_name"].lower(): rep["open_leads"] for rep in page["items"]}
