"""One lead goes all the way round, through HTTP and Kafka, in all three services."""

from typing import Any

from tests.journeys.story import accept, deal_of, lead_of, offer_of, send_lead, team_with, token, win
from tests.support.loop import Loop, until


async def test_a_lead_becomes_revenue_of_its_campaign(loop: Loop) -> None:
    rep = f"ana-{token()}"
    await team_with(loop, rep)
    channel = {"key": f"c{token()}", "name": "Search", "paid": True}
    await loop.call("POST", "marketing", "/v1/channels", channel)
    campaign = await loop.call(
        "POST", "marketing", "/v1/campaigns", {"name": f"Spring {token()}", "channel": channel["key"]}
    )

    lead = await lead_of(loop, await send_lead(loop, campaign_id=campaign["id"]))
    offer = await offer_of(loop, lead["lead_id"])
    assert offer["contact"]["status"] == "available"
    await accept(loop, offer, rep)
    deal = await deal_of(loop, lead["lead_id"])
    won = await win(loop, deal["id"], "1234.57")
    assert won["state"] == "won"

    async def credited() -> Any:
        found = await loop.call("GET", "marketing", f"/v1/deals/{deal['id']}/attribution?model=linear")
        return found if found["credits"] else None

    found = await until(credited, "the deal's credits are booked")
    assert [credit["campaign_id"] for credit in found["credits"]] == [campaign["id"]]
    assert found["credits"][0]["amount"] == {"amount": "1234.57", "currency": "EUR"}
