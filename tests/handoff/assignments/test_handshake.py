"""A lead is offered, and the rep answers."""

import orjson

from tests.handoff.samples import House, lead_qualified


async def test_a_qualified_lead_is_offered_accepted_and_told_to_sales(house: House) -> None:
    ana = await house.hire("ana")
    lead = lead_qualified()

    await house.hear(lead)
    accepted = await house.answer(lead, "accept")

    assert accepted["state"] == "accepted"
    assigned, told = await house.told()
    assert (assigned.type, assigned.version) == ("leadloop.handoff.lead_assigned.v1", 1)
    assert (told.type, told.version) == ("leadloop.handoff.lead_accepted.v1", 2)
    data = orjson.loads(told.data)
    assert data["rep_id"] == ana
    assert data["company_name"] == "Muster GmbH"
    assert data["contact_id"] == str(lead.contact_id)
