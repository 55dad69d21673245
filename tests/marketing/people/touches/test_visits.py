"""What a visitor did before the form, and what the touches API refuses (money.md 8 and 12)."""

from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from services.marketing.subscriptions import subscriptions
from shared import clock
from shared.database.sessions import Sessions
from tests.marketing.acquisition.campaigns.test_api import add_campaign, add_channel
from tests.marketing.capture.house import new_form, submit, work_off
from tests.marketing.people.touches.test_api import tell
from tests.marketing.revenue.attribution.deals import Story, fetch
from tests.support.keys import Keys
from tests.support.samples import delivered

SEARCH = {"kind": "page_view", "session_id": "s-1", "utm": {"source": "google", "medium": "cpc"}}
TOUCHES = "SELECT kind, channel, session_id FROM touches ORDER BY occurred_at"


async def test_a_visit_before_the_form_becomes_the_persons(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    assert await tell(marketing, keys, SEARCH, SEARCH | {"session_id": "s-2"}) == {"recorded": 2, "known": 0}
    assert await fetch(marketing_sessions, TOUCHES) == []

    await submit(marketing, form, {"email": "a@muster-gmbh.com", "session_id": "s-1"})
    await work_off(marketing_sessions)

    assert await fetch(marketing_sessions, TOUCHES) == [
        ("page_view", "paid_search", "s-1"),
        ("submission", "direct", "s-1"),
    ]
    # Whoever is known by the session now is known at once; the other one still waits.
    await tell(marketing, keys, SEARCH | {"kind": "download"}, SEARCH | {"session_id": "s-2"})
    assert [row[0] for row in await fetch(marketing_sessions, TOUCHES)] == [
        "page_view",
        "submission",
        "download",
    ]
    assert await fetch(marketing_sessions, "SELECT session_id FROM anonymous_touches") == [("s-2",), ("s-2",)]


async def test_the_search_before_the_form_gets_its_credit(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    visit = {"kind": "page_view", "visitor_id": "v-1", "referrer": "https://www.google.com/search?q=x"}
    await tell(marketing, keys, visit)
    await submit(marketing, form, {"email": "a@muster-gmbh.com", "visitor_id": "v-1"})
    await work_off(marketing_sessions)
    [(contact_id,)] = await fetch(marketing_sessions, "SELECT id FROM contacts")
    at = clock.now() + timedelta(minutes=1)
    deal = Story(contact_id=contact_id)
    closed = deal.closed(100).model_copy(update={"closed_at": at, "closed_on": at.date()})

    await subscriptions.deliver(marketing_sessions, [delivered(closed)])

    credits = await fetch(marketing_sessions, "SELECT channel, amounts[1] FROM credits ORDER BY channel")
    assert {channel for channel, _ in credits} == {"direct", "organic_search"}
    assert await fetch(marketing_sessions, "SELECT referrer FROM touches WHERE referrer IS NOT NULL") == [
        ("www.google.com/search",)
    ]


async def test_a_visit_finds_the_campaign_that_was_registered_meanwhile(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    await tell(
        marketing, keys, SEARCH | {"utm": {"campaign": "Spring"}}, SEARCH | {"utm": {"campaign": "Autumn"}}
    )
    await add_channel(marketing, keys)
    campaign = await add_campaign(marketing, keys, utm_campaign="spring")
    await submit(marketing, form, {"email": "a@muster-gmbh.com", "session_id": "s-1"})
    await work_off(marketing_sessions)

    found = await fetch(
        marketing_sessions, "SELECT campaign_id::text FROM touches WHERE kind = 'page_view' ORDER BY 1"
    )
    assert found == [(campaign["id"],), (None,)]
    assert await fetch(marketing_sessions, "SELECT kind, value FROM unmatched_references") == [
        ("utm", "autumn")
    ]


async def test_a_session_called_undefined_is_nobodys(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    await tell(marketing, keys, SEARCH | {"session_id": "undefined"})
    await submit(marketing, form, {"email": "a@muster-gmbh.com", "session_id": "undefined"})
    await work_off(marketing_sessions)

    assert await fetch(marketing_sessions, TOUCHES) == [("submission", "direct", None)]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"campaign_id": "01995d3e-0000-7000-8000-00000000c0de"}, "campaign_id"),
        ({"channel": "podcastt"}, "channel"),
        ({"occurred_at": "2130-01-01T00:00:00Z"}, "occurred_at"),
    ],
)
async def test_what_cannot_be_is_refused_and_named(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions, wrong: dict[str, Any], field: str
) -> None:
    touches = [SEARCH, SEARCH | wrong]

    answer = await marketing.post(
        "/v1/touches/batch", json={"touches": touches}, headers=keys.as_("marketer")
    )

    assert answer.status_code == 422, answer.text
    assert [one["pointer"] for one in answer.json()["errors"]] == [f"/touches/1/{field}"]
    assert await fetch(marketing_sessions, "SELECT count(*) FROM anonymous_touches") == [(0,)]


async def test_a_channel_of_the_rules_or_of_the_house_is_taken(marketing: AsyncClient, keys: Keys) -> None:
    await add_channel(marketing, keys, key="podcasts", name="Podcasts")
    told = [SEARCH | {"channel": "podcasts"}, SEARCH | {"channel": "paid_video"}]

    assert (await tell(marketing, keys, *told))["recorded"] == 2


async def test_an_anonymous_touch_is_known_by_its_external_id(marketing: AsyncClient, keys: Keys) -> None:
    told = SEARCH | {"external_id": "e-1"}

    assert await tell(marketing, keys, told, told) == {"recorded": 1, "known": 1}
