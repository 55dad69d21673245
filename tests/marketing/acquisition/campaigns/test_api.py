from typing import Any

from httpx import AsyncClient

from services.marketing.acquisition.campaigns.queries import resolve
from services.marketing.acquisition.campaigns.rules import CampaignReference
from shared.database.sessions import Sessions
from tests.support.keys import Keys

SEARCH = {"key": "paid_search", "name": "Paid search", "paid": True}


async def add_channel(marketing: AsyncClient, keys: Keys, **changes: Any) -> dict[str, Any]:
    answer = await marketing.post("/v1/channels", json=SEARCH | changes, headers=keys.as_("marketer"))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def add_campaign(marketing: AsyncClient, keys: Keys, **changes: Any) -> dict[str, Any]:
    form = {"name": "Spring", "channel": "paid_search"} | changes
    answer = await marketing.post("/v1/campaigns", json=form, headers=keys.as_("marketer"))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_a_campaign_is_added_shown_listed_and_changed(marketing: AsyncClient, keys: Keys) -> None:
    await add_channel(marketing, keys)
    made = await add_campaign(
        marketing,
        keys,
        utm_campaign="Spring-2026",
        external_ids={"google_ads": ["123"]},
        budget={"amount": "1200.50", "currency": "USD"},
    )
    assert made["utm_campaign"] == "spring-2026"
    assert made["budget"] == {"amount": "1200.50", "currency": "USD"}
    assert made["currency"] == "USD"

    path = f"/v1/campaigns/{made['id']}"
    shown = await marketing.get(path, headers=keys.as_("analyst"))
    assert (shown.json(), shown.headers["etag"]) == (made, '"1"')

    change = {"name": "Spring again", "external_ids": {"meta": ["9", "9"]}, "budget": None}
    changed = await marketing.patch(
        path, json=change, headers=keys.as_("marketer") | {"If-Match": shown.headers["etag"]}
    )
    assert changed.status_code == 200, changed.text
    assert changed.json() == made | {
        "name": "Spring again",
        "external_ids": {"meta": ["9"]},
        "budget": None,
        "version": 2,
    }
    listed = await marketing.get("/v1/campaigns", headers=keys.as_("finance"))
    assert listed.json() == {"items": [changed.json()], "next_cursor": None}


async def test_a_stale_edit_is_refused(marketing: AsyncClient, keys: Keys) -> None:
    await add_channel(marketing, keys)
    made = await add_campaign(marketing, keys)
    headers = keys.as_("marketer") | {"If-Match": '"1"'}
    path = f"/v1/campaigns/{made['id']}"
    assert (await marketing.patch(path, json={"name": "A"}, headers=headers)).status_code == 200

    late = await marketing.patch(path, json={"name": "B"}, headers=headers)

    assert late.status_code == 412
    assert late.headers["content-type"] == "application/problem+json"


async def test_what_names_a_campaign_names_only_one(marketing: AsyncClient, keys: Keys) -> None:
    await add_channel(marketing, keys)
    await add_campaign(marketing, keys, utm_campaign="spring", external_ids={"meta": ["1"]})

    for claim in ({"utm_campaign": "SPRING"}, {"external_ids": {"meta": ["1"]}}):
        form = {"name": "Other", "channel": "paid_search"} | claim
        answer = await marketing.post("/v1/campaigns", json=form, headers=keys.as_("marketer"))
        assert answer.status_code == 409, answer.text


async def test_wrong_fields_are_named(marketing: AsyncClient, keys: Keys) -> None:
    for form, pointer in (
        ({"name": "X", "channel": "nowhere"}, "/channel"),
        ({"name": "", "channel": "nowhere"}, "/name"),
        ({"name": "X", "channel": "nowhere", "colour": "red"}, "/colour"),
        ({"name": "X", "channel": "n", "budget": {"amount": "1.234", "currency": "EUR"}}, "/budget"),
    ):
        answer = await marketing.post("/v1/campaigns", json=form, headers=keys.as_("marketer"))
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["pointer"] == pointer


async def test_a_channel_can_be_changed_and_not_added_twice(marketing: AsyncClient, keys: Keys) -> None:
    await add_channel(marketing, keys)
    again = await marketing.post("/v1/channels", json=SEARCH, headers=keys.as_("admin"))
    assert again.status_code == 409

    changed = await marketing.patch(
        "/v1/channels/paid_search", json={"paid": False}, headers=keys.as_("marketer")
    )
    assert (changed.json()["paid"], changed.headers["etag"]) == (False, '"2"')
    listed = await marketing.get("/v1/channels", headers=keys.as_("analyst"))
    assert listed.json() == [changed.json()]


async def test_reps_see_no_campaigns_and_analysts_change_none(marketing: AsyncClient, keys: Keys) -> None:
    assert (await marketing.get("/v1/campaigns", headers=keys.as_("rep"))).status_code == 403
    assert (await marketing.get("/v1/campaigns")).status_code == 401
    answer = await marketing.post("/v1/channels", json=SEARCH, headers=keys.as_("analyst"))
    assert answer.status_code == 403


async def test_references_are_resolved_together(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    await add_channel(marketing, keys)
    made = await add_campaign(marketing, keys, utm_campaign="spring", external_ids={"google_ads": ["77"]})
    known = [
        CampaignReference("id", made["id"]),
        CampaignReference("utm", " Spring "),
        CampaignReference("google_ads", "77"),
    ]
    unknown = [
        CampaignReference("meta", "77"),
        CampaignReference("id", "no uuid"),
        CampaignReference("utm", "autumn\x00"),
    ]

    async with marketing_sessions.begin() as session:
        found = await resolve(session, [*known, *unknown, *known])

    assert set(found) == set(known)
    assert {(str(facts.id), facts.channel) for facts in found.values()} == {(made["id"], "paid_search")}
