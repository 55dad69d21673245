"""Leads that other systems send."""

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from shared.database.sessions import Sessions
from tests.marketing.capture.house import balance, submissions, work_off
from tests.support.keys import Keys

LEAD = {
    "external_id": "crm-1",
    "email": "ben.ito@sample-industries.com",
    "occurred_at": "2026-01-02T09:30:00Z",
}


async def test_only_servers_with_the_scope_and_marketers_may_send(marketing: AsyncClient, keys: Keys) -> None:
    form = {"name": "CRM", "scopes": ["leads:write"]}
    made = await marketing.post("/v1/api-keys", json=form, headers=keys.as_("admin"))
    server = {"authorization": f"Bearer {made.json()['key']}"}
    other = await marketing.post(
        "/v1/api-keys", json={"name": "Other", "scopes": ["spend:write"]}, headers=keys.as_("admin")
    )
    assert (await marketing.post("/v1/leads", json=LEAD, headers=server)).status_code == 202
    assert (await marketing.post("/v1/leads", json=LEAD, headers=keys.as_("marketer"))).status_code == 202
    assert (await marketing.post("/v1/leads", json=LEAD, headers=keys.as_("rep"))).status_code == 403
    wrong = {"authorization": f"Bearer {other.json()['key']}"}
    assert (await marketing.post("/v1/leads", json=LEAD, headers=wrong)).status_code == 403
    assert (await marketing.post("/v1/leads", json=LEAD)).status_code == 401
    assert (await marketing.post("/v1/leads/batch", json={"leads": [LEAD]})).status_code == 401


async def test_history_is_a_backfill_and_an_external_id_counts_once(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    first = await marketing.post("/v1/leads", json=LEAD, headers=keys.as_("admin"))
    again = await marketing.post(
        "/v1/leads", json=LEAD, headers={**keys.as_("admin"), "idempotency-key": "another"}
    )
    assert first.json() == again.json()
    batch = {"leads": [LEAD, {**LEAD, "external_id": "crm-2"}, {**LEAD, "external_id": "crm-2"}]}
    await marketing.post("/v1/leads/batch", json=batch, headers=keys.as_("admin"))
    await work_off(marketing_sessions)

    found = await submissions(marketing, keys)
    assert [one["external_id"] for one in found] == ["crm-1", "crm-2"]
    assert {one["backfilled"] for one in found} == {True}
    assert {one["occurred_at"] for one in found} == {"2026-01-02T09:30:00Z"}
    assert (await balance(marketing, keys))["holds"]
    async with marketing_sessions() as session:
        touched = (await session.execute(text("SELECT DISTINCT occurred_at::date FROM touches"))).scalar_one()
    assert str(touched) == "2026-01-02"


@pytest.mark.parametrize(
    ("said", "told"),
    [({}, False), ({"route": True}, True), ({"route": False}, False), ({"route": "true"}, False)],
)
async def test_history_is_routed_only_when_asked_for(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions, said: dict[str, object], *, told: bool
) -> None:
    lead = {**LEAD, "hand_raiser": True, **said}
    await marketing.post("/v1/leads", json=lead, headers=keys.as_("admin"))
    other = {**lead, "external_id": "crm-2", "email": "ann.lee@sample-industries.com"}
    await marketing.post("/v1/leads/batch", json={"leads": [other]}, headers=keys.as_("admin"))
    await work_off(marketing_sessions)

    async with marketing_sessions() as session:
        staged = (
            await session.execute(text("SELECT convert_from(data, 'UTF8')::jsonb FROM outbox"))
        ).scalars()
        assert [(event["backfilled"], event["route"]) for event in staged] == [(True, told)] * 2
    for shown in await submissions(marketing, keys):
        detail = await marketing.get(f"/v1/submissions/{shown['id']}", headers=keys.as_("admin"))
        assert "route" not in detail.json()["captured"].get("answers", {})


async def test_batches_are_bounded_and_whole(marketing: AsyncClient, keys: Keys) -> None:
    def send(leads: object) -> object:
        return marketing.post("/v1/leads/batch", json={"leads": leads}, headers=keys.as_("admin"))

    for wrong in ([], [LEAD] * 501, "no list", None, [LEAD, 7]):
        answer = await send(wrong)  # type: ignore[misc]
        assert answer.status_code == 422
    assert answer.json()["errors"] == [{"pointer": "/leads/1", "detail": "Not an object."}]
    answer = await send([{"email": f"p{n}@b.co"} for n in range(500)])  # type: ignore[misc]
    assert answer.status_code == 202
    assert len({one["submission_id"] for one in answer.json()["submissions"]}) == 500


async def test_wrong_times_are_rejected_with_words(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    times = ["2026-01-02T09:30:00", "yesterday", "1970-01-01T00:00:00Z", 17]
    batch = {"leads": [{"email": f"p{n}@b.co", "occurred_at": time} for n, time in enumerate(times)]}
    await marketing.post("/v1/leads/batch", json=batch, headers=keys.as_("admin"))
    await work_off(marketing_sessions)
    found = await submissions(marketing, keys)
    assert {(one["state"], one["reason"]) for one in found} == {("rejected", "occurred_at_invalid")}
    assert len(found) == 4
