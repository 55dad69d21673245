from datetime import timedelta

from httpx import AsyncClient

from services.marketing.subscriptions import subscriptions
from shared import clock
from shared.database.sessions import Sessions
from tests.marketing.revenue.attribution.deals import Story, store, touch
from tests.support.keys import Keys
from tests.support.samples import NOON, delivered


async def test_a_deals_credits_are_shown_touch_by_touch(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    deal = Story(currency="JPY")
    touches = [touch(deal.contact_id, NOON + timedelta(days=n)) for n in range(2)]
    await store(marketing_sessions, *touches)
    events = [deal.opened(), deal.moved(), deal.closed(101, reporting=99), deal.amended(51, reporting=49)]
    await subscriptions.deliver(marketing_sessions, [delivered(event) for event in events])

    path = f"/v1/deals/{deal.deal_id}/attribution"
    shown = (await marketing.get(path, params={"model": "linear"}, headers=keys.as_("marketer"))).json()

    assert shown["amount"] == {"amount": "51", "currency": "JPY"}
    assert shown["reporting_amount"] == {"amount": "0.49", "currency": "EUR"}
    assert [
        (
            credit["touch_id"],
            credit["amount"]["amount"],
            credit["reporting_amount"]["amount"],
            credit["share"],
        )
        for credit in shown["credits"]
    ] == [(str(touches[0].id), "26", "0.25", 0.5), (str(touches[1].id), "25", "0.24", 0.5)]
    assert [(each["revision"], each["cause"], each["change"]["amount"]) for each in shown["revisions"]] == [
        (3, "closed", "101"),
        (4, "amended", "-50"),
    ]
    last = (await marketing.get(path, params={"model": "last"}, headers=keys.as_("marketer"))).json()
    assert [credit["amount"]["amount"] for credit in last["credits"]] == ["0", "51"]


async def test_an_unknown_deal_and_an_unknown_model(marketing: AsyncClient, keys: Keys) -> None:
    path = f"/v1/deals/{clock.new_id()}/attribution"
    assert (await marketing.get(path, headers=keys.as_("analyst"))).status_code == 404
    answer = await marketing.get(path, params={"model": "magic"}, headers=keys.as_("analyst"))
    assert answer.status_code == 422
    assert (await marketing.get(path, headers=keys.as_("rep"))).status_code == 403


async def test_a_new_lookback_cuts_the_journeys_of_later_closes(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    admin = keys.as_("admin")
    shown = await marketing.get("/v1/attribution-rule", headers=admin)
    assert (shown.json()["lookback_days"], shown.json()["models"]) == (90, ["first", "last", "linear"])
    put = await marketing.put(
        "/v1/attribution-rule",
        json={"lookback_days": 10},
        headers=admin | {"If-Match": shown.headers["etag"]},
    )
    assert put.status_code == 200, put.text
    deal = Story()
    await store(marketing_sessions, touch(deal.contact_id, NOON))  # 30 days before the close

    await subscriptions.deliver(marketing_sessions, [delivered(deal.closed(100))])

    credits = await marketing.get(f"/v1/deals/{deal.deal_id}/attribution", headers=admin)
    assert [credit["bucket"] for credit in credits.json()["credits"]] == ["unattributed"]
