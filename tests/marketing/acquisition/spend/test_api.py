from httpx import AsyncClient

from tests.marketing.acquisition.campaigns.test_api import add_campaign, add_channel
from tests.support.keys import Keys

DAY = {"amount": {"amount": "12.50", "currency": "USD"}, "impressions": 1000, "clicks": 31}


async def test_a_days_spend_is_replaced_not_added(marketing: AsyncClient, keys: Keys) -> None:
    await add_channel(marketing, keys)
    path = f"/v1/campaigns/{(await add_campaign(marketing, keys))['id']}/spend"
    marketer = keys.as_("marketer")

    first = await marketing.put(f"{path}/2026-03-02", json=DAY, headers=marketer)
    assert first.status_code == 200, first.text
    more = DAY | {"amount": {"amount": "1500", "currency": "JPY"}}
    await marketing.put(f"{path}/2026-03-02", json=more, headers=marketer)
    await marketing.put(f"{path}/2026-03-03", json=DAY, headers=marketer)

    listed = (await marketing.get(path, params={"to": "2026-03-03"}, headers=marketer)).json()
    assert [(day["day"], day["amount"], day["version"]) for day in listed["items"]] == [
        ("2026-03-02", {"amount": "1500", "currency": "JPY"}, 2)
    ]


async def test_spend_of_no_campaign_and_wrong_amounts(marketing: AsyncClient, keys: Keys) -> None:
    nowhere = "/v1/campaigns/01995d3e-0000-7000-8000-000000000000/spend"
    marketer = keys.as_("marketer")
    assert (await marketing.put(f"{nowhere}/2026-03-02", json=DAY, headers=marketer)).status_code == 404
    assert (await marketing.get(nowhere, headers=marketer)).status_code == 404
    for amount in ({"amount": "-1", "currency": "EUR"}, {"amount": "1.001", "currency": "EUR"}):
        answer = await marketing.put(f"{nowhere}/2026-03-02", json=DAY | {"amount": amount}, headers=marketer)
        assert answer.status_code == 422
