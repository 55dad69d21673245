"""A lead is offered, and the rep answers."""

from datetime import timedelta
from typing import Any

import orjson

from services.handoff.handshake.assignments.rules import DeclineReason
from shared import clock
from tests.handoff.samples import House, lead_qualified


async def test_a_qualified_lead_is_offered_accepted_and_told_to_sales(house: House) -> None:
    ana = await house.hire("ana")
    lead = lead_qualified(traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")

    await house.hear(lead)
    accepted = await house.answer(lead, "accept")

    assert accepted["state"] == "accepted"
    assigned, told = await house.told()
    assert (assigned.type, assigned.version) == ("leadloop.handoff.lead_assigned.v1", 1)
    assert assigned.traceparent == lead.traceparent
    assert (told.type, told.version) == ("leadloop.handoff.lead_accepted.v1", 2)
    data = orjson.loads(told.data)
    assert data["rep_id"] == ana
    assert data["company_name"] == "Muster GmbH"
    assert data["contact_id"] == str(lead.contact_id)


async def test_a_declined_lead_moves_to_the_next_rep_and_never_back(house: House) -> None:
    await house.hire("ana")
    await house.hire("ben")
    lead = lead_qualified()
    await house.hear(lead)
    first = await house.holder(lead)

    declined = await house.answer(lead, "decline", reason="busy")

    assert (declined["state"], declined["reason"]) == ("declined", "busy")
    assert {first, await house.holder(lead)} == {"ana", "ben"}
    assert await house.told_types() == ["lead_assigned", "lead_declined", "lead_assigned"]
    assert [row.version for row in await house.told()] == [1, 2, 3]


async def test_a_lead_nobody_wants_goes_back_to_marketing(house: House) -> None:
    await house.hire("ana")
    lead = lead_qualified()
    await house.hear(lead)

    await house.answer(lead, "decline", reason="not_a_fit")

    returned = (await house.told())[-1]
    assert returned.type == "leadloop.handoff.lead_returned.v1"
    data = orjson.loads(returned.data)
    assert (data["reason"], data["after_acceptance"], data["rep_id"]) == ("nobody_available", False, None)


async def test_only_a_fault_of_the_lead_gives_the_turn_back(house: House) -> None:
    await house.hire("ana")
    costly = []

    for reason in DeclineReason:
        lead = lead_qualified()
        await house.hear(lead)
        before = await received(house)
        await house.answer(lead, "decline", reason=reason.value)
        if await received(house) == before:
            costly.append(reason)

    assert costly == [DeclineReason.BUSY]


async def test_an_accepted_lead_can_be_given_back(house: House) -> None:
    await house.hire("ana")
    lead = lead_qualified()
    await house.hear(lead)
    await house.answer(lead, "accept")

    returned = await house.answer(lead, "return", reason="unreachable")

    assert (returned["state"], returned["lead"]["state"]) == ("returned", "returned")
    told = orjson.loads((await house.told())[-1].data)
    assert (told["reason"], told["after_acceptance"], told["version"]) == ("unreachable", True, 3)
    assert await open_leads(house) == [0]


async def test_the_first_response_is_noted_once(house: House) -> None:
    await house.hire("ana")
    lead = lead_qualified()
    await house.hear(lead)
    await house.answer(lead, "accept")

    noted = await house.answer(lead, "first-response", channel="call")
    offer = await house.offer_of(lead)
    path = f"/v1/assignments/{offer['id']}/first-response"
    again = await house.call("rep", "ana", "POST", path, json={"channel": "email"})

    assert noted["lead"]["response_channel"] == "call"
    assert again.status_code == 409
    assert (await house.told_types())[-1] == "first_response_made"


async def test_a_response_in_the_future_or_before_the_offer_is_refused(house: House) -> None:
    await house.hire("ana")
    lead = lead_qualified()
    await house.hear(lead)
    await house.answer(lead, "accept")
    offer = await house.offer_of(lead)

    for moment in (clock.now() + timedelta(minutes=5), clock.now() - timedelta(days=1)):
        body = {"channel": "call", "responded_at": moment.isoformat()}
        path = f"/v1/assignments/{offer['id']}/first-response"
        refused = await house.call("rep", "ana", "POST", path, json=body)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/responded_at"


async def test_a_forbidden_change_names_both_states(house: House) -> None:
    await house.hire("ana")
    lead = lead_qualified()
    await house.hear(lead)
    await house.answer(lead, "decline", reason="busy")
    offer = await house.offer_of(lead)
    bodies: dict[str, Any] = {
        "accept": None,
        "decline": {"reason": "busy"},
        "return": {"reason": "unreachable"},
        "first-response": {"channel": "call"},
    }

    for action, body in bodies.items():
        path = f"/v1/assignments/{offer['id']}/{action}"
        refused = await house.call("rep", "ana", "POST", path, json=body)
        assert refused.status_code == 409, action
        assert "is declined" in refused.json()["detail"]
        assert "only one that is" in refused.json()["detail"]


async def test_the_same_accept_sent_twice_with_a_key_is_answered_twice_and_done_once(house: House) -> None:
    await house.hire("ana")
    lead = lead_qualified()
    await house.hear(lead)
    offer = await house.offer_of(lead)
    headers = {**house.keys.as_("rep", subject="ana"), "Idempotency-Key": "one"}

    answers = [
        await house.http.post(f"/v1/assignments/{offer['id']}/accept", headers=headers) for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert await house.told_types() == ["lead_assigned", "lead_accepted"]


async def test_a_manager_moves_an_offer_by_hand(house: House) -> None:
    await house.hire("ana")
    lead = lead_qualified()
    await house.hear(lead)
    ben = await house.hire("ben")
    offer = await house.offer_of(lead)

    path = f"/v1/assignments/{offer['id']}/reassign"
    moved = await house.done("admin", "boss", "POST", path, json={"rep_id": ben})

    assert (moved["rep_id"], moved["state"], moved["hop"]) == (ben, "offered", 2)
    trace = await house.done("admin", "boss", "GET", f"/v1/assignments/{moved['id']}/trace")
    assert trace["by_hand"]
    old = await house.done("admin", "boss", "GET", f"/v1/assignments/{offer['id']}")
    assert (old["state"], old["reason"]) == ("closed", "reassigned")
    assert sorted(await open_leads(house)) == [0, 1]
    [ledger] = (await house.done("admin", "boss", "GET", "/v1/reports/fairness"))["ledgers"]
    assert {share["display_name"]: share["received"] for share in ledger["reps"]} == {"Ana": 0, "Ben": 1}
    assert ledger["proof"]["holds"]


async def test_a_lead_is_moved_only_to_somebody_active(house: House) -> None:
    await house.hire("ana")
    lead = lead_qualified()
    await house.hear(lead)
    gone = await house.hire("ben", active=False)
    offer = await house.offer_of(lead)

    path = f"/v1/assignments/{offer['id']}/reassign"
    refused = await house.call("admin", "boss", "POST", path, json={"rep_id": gone})

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/rep_id"


async def received(house: House) -> float:
    [ledger] = (await house.done("admin", "boss", "GET", "/v1/reports/fairness"))["ledgers"]
    assert ledger["proof"]["holds"]
    return float(sum(share["received"] for share in ledger["reps"]))


async def open_leads(house: House) -> list[int]:
    page = await house.done("admin", "boss", "GET", "/v1/reps")
    return [rep["open_leads"] for rep in page["items"]]
