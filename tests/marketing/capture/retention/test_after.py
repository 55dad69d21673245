"""What others rest on is right after the bodies have gone: repeats, keys, replays, both equations."""

import asyncio
from typing import Any

from httpx import AsyncClient
from sqlalchemy import text

from shared.database.sessions import Sessions
from tests.marketing.capture.house import (
    balance,
    submissions,
    submit,
    touched,
    work_off,
)
from tests.marketing.capture.retention.house import ADA, SPAM, clear, clear_all, grow_old, kept
from tests.support.keys import Keys


async def test_a_body_that_went_is_told_from_another_one_as_before(
    form: dict[str, Any], marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    """The double click, the sender's own id, and the key under which another body comes."""
    admin = keys.as_("admin")
    lead = {"external_id": "E-1", "email": "eva@muster-gmbh.com"}
    first = await submit(marketing, form, ADA)
    await marketing.post("/v1/leads", json=lead, headers=admin)
    await work_off(marketing_sessions)
    assert await clear_all(marketing_sessions) == {"bodies": 2, "captured": 2}
    assert (await kept(marketing_sessions))["bodies"] == 0
    counted = await touched(marketing_sessions)

    await submit(marketing, form, ADA)  # within ten minutes: the same click
    await marketing.post("/v1/leads", json=lead, headers=admin)
    changed = {**lead, "job_title": "Buyer"}
    await marketing.post("/v1/leads", json=changed, headers=admin)
    await work_off(marketing_sessions)

    found = await submissions(marketing, keys)
    assert [one["reason"] for one in found] == [None, None, "repeat", "changed"]
    assert found[2]["lead_id"] == found[0]["lead_id"]
    assert found[0]["id"] == first.json()["submission_id"]
    assert await touched(marketing_sessions) == counted
    sums = await balance(marketing, keys)
    assert (sums["holds"], sums["deliveries"]["repeat"]) == (True, 1)


async def test_a_key_goes_on_being_of_the_body_that_went(
    form: dict[str, Any], marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    """Also where the hash was not kept beside it: what came before it was."""
    admin, key = keys.as_("admin"), {"idempotency-key": "k-1"}
    await submit(marketing, form, ADA, **key)
    await marketing.post("/v1/leads", json={"email": "eva@muster-gmbh.com"}, headers=admin | key)
    await work_off(marketing_sessions)
    async with marketing_sessions.begin() as session:
        await session.execute(text("UPDATE deliveries SET body_sha256 = NULL"))
    assert (await clear_all(marketing_sessions))["bodies"] == 2

    same = await submit(marketing, form, ADA, **key)
    again = await marketing.post("/v1/leads", json={"email": "eva@muster-gmbh.com"}, headers=admin | key)
    other = await submit(marketing, form, {"email": "otto@muster-gmbh.com"}, **key)
    refused = await marketing.post("/v1/leads", json={"email": "x@muster-gmbh.com"}, headers=admin | key)
    await work_off(marketing_sessions)

    assert (same.status_code, again.status_code, other.status_code) == (202, 202, 202)
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:leadloop:problem:key-reused")
    found = await submissions(marketing, keys)
    assert [one["id"] for one in found][:2] == [
        same.json()["submission_id"],
        again.json()["submission_id"],
    ]
    assert (len(found), found[2]["id"]) == (3, other.json()["submission_id"])
    sums = await balance(marketing, keys)
    assert (sums["holds"], sums["deliveries"]["repeat"], sums["repeats_with_another_body"]) == (True, 2, 2)


async def test_a_replay_of_what_went_says_so_and_what_to_do(
    some_of_each: dict[str, Any], marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    admin = keys.as_("admin")
    await grow_old(marketing_sessions, 181)
    while await clear(marketing_sessions):
        pass
    [spam] = await submissions(marketing, keys, state="quarantined")

    one = await marketing.post(f"/v1/submissions/{spam['id']}/replay", headers=admin)
    unread = await marketing.post(f"/v1/deliveries/{some_of_each['unread']}/replay", headers=admin)
    for refused in (one, unread):
        assert refused.status_code == 409
        assert "KEEP_REFUSED_DAYS" in refused.json()["detail"]
        assert "POST /v1/leads" in refused.json()["detail"]
    for state in ("quarantined", "rejected", "unreadable"):
        many = await marketing.post("/v1/submissions/replay", json={"state": state}, headers=admin)
        assert many.json() == {"replayed": 0, "more": False}, state

    shown = (await marketing.get(f"/v1/submissions/{spam['id']}", headers=admin)).json()
    assert (shown["state"], shown["captured"]) == ("quarantined", None)
    assert shown["cleared_at"] is not None
    delivery = (await marketing.get(f"/v1/deliveries/{spam['delivery_id']}", headers=admin)).json()
    assert (delivery["body"], delivery["size"], delivery["user_agent"]) == (None, None, None)
    assert delivery["cleared_at"] is not None
    unread_one = (await marketing.get(f"/v1/submissions/{some_of_each['unread']}", headers=admin)).json()
    assert "KEEP_REFUSED_DAYS" in unread_one["detail"]


async def test_a_replay_and_the_end_of_its_days_never_meet(
    form: dict[str, Any], marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    """Whichever is first: a submission is replayed with its body, or refused because it has none."""
    for number in range(6):  # as many at once as the pool has connections for
        await submit(marketing, form, {**SPAM, "email": f"p{number}@spam-co.com"})
    await work_off(marketing_sessions)
    waiting = [one["id"] for one in await submissions(marketing, keys, state="quarantined")]
    assert len(waiting) == 6
    await grow_old(marketing_sessions, 200)

    async def replay(id_: str) -> int:
        answer = await marketing.post(f"/v1/submissions/{id_}/replay", headers=keys.as_("admin"))
        return answer.status_code

    told, *_ = await asyncio.gather(
        asyncio.gather(*map(replay, waiting)), *(clear(marketing_sessions) for _ in range(3))
    )
    await work_off(marketing_sessions)

    states = {one["id"]: one["state"] for one in await submissions(marketing, keys)}
    became = {(status, states[id_]) for id_, status in zip(waiting, told, strict=True)}
    assert became <= {(200, "created"), (409, "quarantined")}
