"""What came in goes when its days are over; what others rest on is right before and after."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from services.marketing.capture.retention import jobs
from services.marketing.settings import Settings
from shared.database.sessions import Sessions
from shared.worker import retention
from tests.marketing.capture.house import (
    announce,
    balance,
    google_lead,
    meta_body,
    new_connection,
    new_form,
    submissions,
    submit,
    touched,
    work_off,
)
from tests.support.keys import Keys

ADA = {"name": "Ada Nowak", "email": "ada@muster-gmbh.com", "message": "Please call"}
SPAM = {
    "email": "bot@spam-co.com",
    "message": "http://a.example http://b.example http://c.example http://d.example",
}
DAYS = {"keep_bodies_days": 90, "keep_refused_days": 180, "keep_captured_days": 730}


def settings(**days: Any) -> Settings:
    return Settings(marketing_database_url="postgresql://nobody@127.0.0.1/nothing", **{**DAYS, **days})


async def grow_old(sessions: Sessions, days: int) -> None:
    """Everything there is came so many days earlier."""
    async with sessions.begin() as session:
        for table in ("deliveries", "submissions"):
            await session.execute(
                text(f"UPDATE {table} SET received_at = received_at - make_interval(days => :days)"),
                {"days": days},
            )
        await session.execute(text("UPDATE tallies SET day = day - CAST(:days AS int)"), {"days": days})


async def clear(sessions: Sessions, **days: int) -> dict[str, int]:
    """A round of the worker; only kinds of which something went."""
    gone = await retention.round_of(sessions, jobs.KEPT, settings(**days))
    return {kind: number for kind, number in gone.items() if number}


async def kept(sessions: Sessions) -> dict[str, int]:
    """How many bodies and how much of what was understood is there."""
    async with sessions() as session:
        row = await session.execute(
            text(
                "SELECT (SELECT count(body) FROM deliveries), (SELECT count(captured) FROM submissions), "
                "(SELECT count(*) FROM deliveries), (SELECT count(*) FROM submissions)"
            )
        )
        return dict(zip(("bodies", "captured", "deliveries", "submissions"), row.one(), strict=True))


@pytest.fixture
async def form(marketing: AsyncClient, keys: Keys) -> dict[str, Any]:
    return await new_form(marketing, keys)


@pytest.fixture
async def some_of_each(
    form: dict[str, Any], marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> dict[str, Any]:
    """A lead, spam, one nobody can reach, a test, a repeat, a body nobody can read; and one that waits."""
    await submit(marketing, form, ADA, **{"idempotency-key": "k-1"})
    await submit(marketing, form, ADA, **{"idempotency-key": "k-1"})
    await submit(marketing, form, SPAM)
    connection = await new_connection(marketing, keys, "google_ads")
    await marketing.post(connection["webhook_path"], json=google_lead("g-1", is_test=True))
    await marketing.post(connection["webhook_path"], json=google_lead("g-2"))
    await marketing.post("/v1/leads", json={"external_id": "E-1"}, headers=keys.as_("admin"))
    await work_off(marketing_sessions)
    unread = await submit(marketing, form, {"email": "eva@muster-gmbh.com"})
    path = f"/v1/deliveries/{unread.json()['submission_id']}/set-aside"
    await marketing.post(path, json={}, headers=keys.as_("admin"))
    await submit(marketing, form, {"email": "otto@muster-gmbh.com"})
    return {"form": form, "unread": unread.json()["submission_id"]}


@pytest.mark.usefixtures("some_of_each")
async def test_each_kind_goes_when_its_own_days_are_over(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    there = await kept(marketing_sessions)
    steps: dict[int, dict[str, int]] = {
        89: {},
        91: {"bodies": 3},
        179: {},
        181: {"refused": 2, "unreadable": 1},
        729: {},
        731: {"captured": 2},
        5000: {},
    }
    age = 0
    for days, gone in steps.items():
        await grow_old(marketing_sessions, days - age)
        age = days
        assert await clear(marketing_sessions) == gone, days
        assert await clear(marketing_sessions) == {}, days

    left = await kept(marketing_sessions)
    # Nothing but what waits; and every row is there.
    assert (left["bodies"], left["captured"]) == (1, 0)
    assert (left["deliveries"], left["submissions"]) == (there["deliveries"], there["submissions"])
    assert (await balance(marketing, keys))["holds"]
    assert await work_off(marketing_sessions) == 1


@pytest.mark.usefixtures("some_of_each")
async def test_nothing_goes_that_is_kept_for_ever(marketing_sessions: Sessions) -> None:
    there = await kept(marketing_sessions)
    await grow_old(marketing_sessions, 36_000)

    assert (
        await clear(marketing_sessions, keep_bodies_days=0, keep_refused_days=0, keep_captured_days=0) == {}
    )
    assert await kept(marketing_sessions) == there


async def test_what_waits_is_never_taken(
    form: dict[str, Any], marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    """However old: a delivery nobody has read, a submission that waits for details, one to be replayed."""
    await submit(marketing, form, ADA)
    connection = await new_connection(marketing, keys, "meta")
    await announce(marketing, connection, meta_body(11))
    await submit(marketing, form, SPAM)
    async with marketing_sessions.begin() as session:  # Ada's is set apart, so that the others are read
        await session.execute(text("UPDATE deliveries SET state = 'unreadable' WHERE body LIKE '%ada@%'"))
    await work_off(marketing_sessions)
    async with marketing_sessions.begin() as session:
        await session.execute(text("UPDATE deliveries SET state = 'pending' WHERE state = 'unreadable'"))
    [spam] = await submissions(marketing, keys, state="quarantined")
    await marketing.post(f"/v1/submissions/{spam['id']}/replay", headers=keys.as_("admin"))
    await grow_old(marketing_sessions, 5000)

    assert await clear(marketing_sessions) == {}
    assert await work_off(marketing_sessions) >= 2
    assert Counter(one["state"] for one in await submissions(marketing, keys)) == {
        "created": 2,
        "pending": 1,
    }
    assert await clear(marketing_sessions) == {"bodies": 2, "captured": 2}


async def test_a_body_that_went_is_told_from_another_one_as_before(
    form: dict[str, Any], marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    """The double click, the sender's own id, and the key under which another body comes."""
    admin = keys.as_("admin")
    lead = {"external_id": "E-1", "email": "eva@muster-gmbh.com"}
    first = await submit(marketing, form, ADA)
    await marketing.post("/v1/leads", json=lead, headers=admin)
    await work_off(marketing_sessions)
    for kind in ("bodies", "captured"):
        assert kind in await clear_all(marketing_sessions)
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


async def test_a_body_with_several_leads_stays_while_one_of_them_may_be_replayed(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    leads = [{"email": "eva@muster-gmbh.com"}, {"external_id": "E-2"}]
    await marketing.post("/v1/leads/batch", json={"leads": leads}, headers=keys.as_("admin"))
    await work_off(marketing_sessions)
    assert [one["state"] for one in await submissions(marketing, keys)] == ["created", "rejected"]
    await grow_old(marketing_sessions, 100)

    assert await clear(marketing_sessions) == {}
    [refused] = await submissions(marketing, keys, state="rejected")
    again = await marketing.post(f"/v1/submissions/{refused['id']}/replay", headers=keys.as_("admin"))
    assert again.status_code == 200
    await work_off(marketing_sessions)
    await grow_old(marketing_sessions, 100)
    assert await clear(marketing_sessions) == {"refused": 1}
    assert (await kept(marketing_sessions))["bodies"] == 0
    assert (await balance(marketing, keys))["holds"]


async def test_a_body_stays_while_a_lead_in_it_is_being_replayed(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    leads = [{"external_id": "E-1"}, {"external_id": "E-2"}]
    await marketing.post("/v1/leads/batch", json={"leads": leads}, headers=keys.as_("admin"))
    await work_off(marketing_sessions)
    first, _ = await submissions(marketing, keys, state="rejected")
    await grow_old(marketing_sessions, 200)
    await marketing.post(f"/v1/submissions/{first['id']}/replay", headers=keys.as_("admin"))

    assert await clear(marketing_sessions) == {}
    assert (await kept(marketing_sessions))["bodies"] == 1
    await work_off(marketing_sessions)
    assert await clear(marketing_sessions) == {"refused": 2}


async def test_workers_side_by_side_take_each_row_once(
    form: dict[str, Any],
    marketing: AsyncClient,
    marketing_sessions: Sessions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "BITE", 3)
    for number in range(20):
        await submit(marketing, form, {"email": f"p{number}@muster-gmbh.com"})
    await work_off(marketing_sessions)
    await grow_old(marketing_sessions, 800)

    async def worker() -> Sequence[int]:
        done = []
        while gone := (await clear(marketing_sessions)).get("bodies", 0):
            done.append(gone)
        return done

    by_worker = await asyncio.gather(*(worker() for _ in range(4)))
    while more := await clear(marketing_sessions):
        by_worker.append([more.get("bodies", 0)])

    assert sum(map(sum, by_worker)) == 20
    assert max(map(max, filter(None, by_worker))) <= 3
    assert (await kept(marketing_sessions))["bodies"] == 0


async def test_a_replay_and_the_end_of_its_days_never_meet(
    form: dict[str, Any], marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    """Whichever is first: a submission is replayed with its body, or refused because it has none."""
    for number in range(12):
        await submit(marketing, form, {**SPAM, "email": f"p{number}@spam-co.com"})
    await work_off(marketing_sessions)
    waiting = [one["id"] for one in await submissions(marketing, keys, state="quarantined")]
    assert len(waiting) == 12
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


async def clear_all(sessions: Sessions) -> dict[str, int]:
    """Let everything go that may go, without its getting old: the clicks of today stay those of today."""
    gone: dict[str, int] = {}
    async with sessions.begin() as session:
        await session.execute(text("UPDATE deliveries SET received_at = received_at - interval '800 days'"))
        await session.execute(text("UPDATE submissions SET received_at = received_at - interval '800 days'"))
    while more := await clear(sessions):
        gone = {kind: gone.get(kind, 0) + more.get(kind, 0) for kind in gone | more}
    async with sessions.begin() as session:
        await session.execute(text("UPDATE deliveries SET received_at = received_at + interval '800 days'"))
        await session.execute(text("UPDATE submissions SET received_at = received_at + interval '800 days'"))
    return gone
