from datetime import timedelta
from typing import Any

from httpx import AsyncClient

from shared import clock
from shared.database.sessions import Sessions
from tests.marketing.acquisition.campaigns.test_api import add_campaign, add_channel
from tests.marketing.revenue.attribution.deals import fetch
from tests.support.keys import Keys

OPEN = {"email": "Ana@Example.com", "kind": "email_open", "occurred_at": "2026-03-02T13:00:00+01:00"}


async def tell(marketing: AsyncClient, keys: Keys, *touches: dict[str, Any]) -> dict[str, Any]:
    answer = await marketing.post(
        "/v1/touches/batch", json={"touches": list(touches)}, headers=keys.as_("marketer")
    )
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_touch_finds_its_person_and_its_campaign(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    await add_channel(marketing, keys)
    campaign = await add_campaign(marketing, keys, utm_campaign="spring")

    answer = await marketing.post(
        "/v1/touches",
        json=OPEN | {"utm": {"campaign": "SPRING", "medium": "email"}},
        headers=keys.as_("marketer"),
    )

    assert (answer.status_code, answer.json()) == (201, {"recorded": 1, "known": 0})
    [(campaign_id, channel, occurred_at)] = await fetch(
        marketing_sessions, "SELECT campaign_id, channel, occurred_at FROM touches"
    )
    assert (str(campaign_id), channel) == (campaign["id"], "paid_search")
    assert (occurred_at.utcoffset(), occurred_at.hour) == (timedelta(0), 12)
    assert await fetch(marketing_sessions, "SELECT count(*) FROM leads") == [(0,)]


async def test_a_known_external_id_is_recorded_once(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    opened = OPEN | {"external_id": "m-1"}

    assert await tell(marketing, keys, opened, opened, OPEN) == {"recorded": 2, "known": 1}
    assert await tell(marketing, keys, opened) == {"recorded": 0, "known": 1}
    assert await fetch(marketing_sessions, "SELECT count(DISTINCT contact_id) FROM touches") == [(1,)]


async def test_touches_of_nobody_are_refused_together(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    for wrong, pointer in (
        ({"kind": "email_open", "contact_id": str(clock.new_id())}, "/touches/1/contact_id"),
        ({"kind": "email_open", "email": "nobody"}, "/touches/1/email"),
    ):
        answer = await marketing.post(
            "/v1/touches/batch", json={"touches": [OPEN, wrong]}, headers=keys.as_("marketer")
        )
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == pointer
    neither = await marketing.post("/v1/touches", json={"kind": "x"}, headers=keys.as_("marketer"))
    assert neither.status_code == 422
    assert await fetch(marketing_sessions, "SELECT count(*) FROM touches") == [(0,)]
