"""Two people, or a person and a timer, decide about one lead at the same moment."""

import asyncio

from sqlalchemy import text

from tests.handoff.samples import House, lead_qualified
from tests.support.loop import until


async def test_who_comes_second_sees_what_the_first_has_decided(house: House) -> None:
    """The accept arrives while the offer is being taken away, and waits for how that ends."""
    await house.hire("ana")
    lead = lead_qualified()
    await house.hear(lead)
    offer = await house.offer_of(lead)

    async with house.sessions.begin() as taking:
        await taking.execute(text("SELECT 1 FROM leads WHERE lead_id = :id FOR UPDATE"), {"id": lead.lead_id})
        await taking.execute(
            text("UPDATE assignments SET state = 'closed', reason = 'reassigned' WHERE lead_id = :id"),
            {"id": lead.lead_id},
        )
        path = f"/v1/assignments/{offer['id']}/accept"
        accepting = asyncio.create_task(house.call("rep", "ana", "POST", path))
        await until(lambda: house.are_waiting(1), "the accept waits for the lead")

    answer = await accepting
    assert answer.status_code == 409, answer.text
    assert "lead_accepted" not in await house.told_types()
