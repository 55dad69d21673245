"""Batches: one bad item holds back nobody, and two workers at once make no second contact."""

import asyncio
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from services.marketing.capture.connectors import registry
from services.marketing.capture.submissions import attempts, jobs
from services.marketing.capture.submissions.jobs import process_deliveries
from services.marketing.funnel.leads import use_cases as leads
from shared.database.sessions import Sessions
from tests.marketing.capture.house import balance, new_form, submissions, submit, work_off
from tests.support.keys import Keys


async def test_two_workers_at_once_make_one_contact_per_person(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = await new_form(marketing, keys)
    people = [{"email": f"p{n % 7}@muster-gmbh.com", "phone": f"+49309018{n % 5}{n % 5}"} for n in range(60)]
    await asyncio.gather(*(submit(marketing, form, person) for person in people))
    monkeypatch.setattr(jobs, "BATCH", 5)

    await asyncio.gather(*(work_off(marketing_sessions) for _ in range(3)))

    found = await submissions(marketing, keys)
    assert {one["state"] for one in found} == {"created", "merged"}
    async with marketing_sessions() as session:
        emails = (await session.execute(text("SELECT email FROM contacts"))).scalars().all()
        touches = (await session.execute(text("SELECT count(*) FROM touches"))).scalar_one()
        companies = (await session.execute(text("SELECT count(*) FROM companies"))).scalar_one()
    assert sorted(emails) == sorted(f"p{n}@muster-gmbh.com" for n in range(7))
    assert sum(one["state"] == "created" for one in found) == 7
    # The n-th and the (n + 35)-th are one person who says the same at the same form: a second click.
    assert (touches, companies) == (35, 1)
    assert sum(one["reason"] == "repeat" for one in found) == 25
    assert (await balance(marketing, keys))["holds"]


async def test_a_lead_that_fails_is_set_aside_alone(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = leads.register

    async def fails_for_one(session: Any, arrivals: Any, *, now: Any) -> Any:
        if any(arrival.answers.get("poison") for arrival in arrivals):
            raise ZeroDivisionError
        return await real(session, arrivals, now=now)

    monkeypatch.setattr(leads, "register", fails_for_one)
    batch = [{"email": "a@b.co"}, {"email": "bad@b.co", "poison": "1"}, {"email": "c@b.co"}]
    sent = await marketing.post("/v1/leads/batch", json={"leads": batch}, headers=keys.as_("marketer"))
    assert sent.status_code == 202
    form = await new_form(marketing, keys)
    await submit(marketing, form, {"email": "d@b.co"})
    await work_off(marketing_sessions)

    found = {one["id"]: (one["state"], one["reason"]) for one in await submissions(marketing, keys)}
    ids = [one["submission_id"] for one in sent.json()["submissions"]]
    assert [found[id_] for id_ in ids] == [
        ("created", None),
        ("quarantined", "processing_failed"),
        ("created", None),
    ]
    assert (await balance(marketing, keys))["holds"]

    # Once the defect is mended, the one that was set aside comes through.
    monkeypatch.setattr(leads, "register", real)
    await marketing.post(f"/v1/submissions/{ids[1]}/replay", headers=keys.as_("admin"))
    await work_off(marketing_sessions)
    assert (await submissions(marketing, keys, state="quarantined")) == []


async def test_a_delivery_whose_adapter_fails_is_unreadable_and_can_be_replayed(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = registry.read

    def fails_for_one(raw: Any, source: Any) -> Any:
        if b"poison" in raw.body:
            raise ZeroDivisionError
        return real(raw, source)

    monkeypatch.setattr(registry, "read", fails_for_one)
    form = await new_form(marketing, keys)
    for values in ({"email": "a@b.co"}, {"email": "poison@b.co"}, {"email": "c@b.co"}):
        await submit(marketing, form, values)
    await work_off(marketing_sessions)
    sums = await balance(marketing, keys)
    assert (sums["deliveries"]["read"], sums["deliveries"]["unreadable"], sums["holds"]) == (2, 1, True)

    monkeypatch.setattr(registry, "read", real)
    listed = await marketing.get("/v1/deliveries?state=unreadable", headers=keys.as_("marketer"))
    [unreadable] = listed.json()["items"]
    path = f"/v1/deliveries/{unreadable['id']}"
    assert (await marketing.get(path, headers=keys.as_("marketer"))).status_code == 403
    shown = await marketing.get(path, headers=keys.as_("admin"))
    assert "poison@b.co" in shown.json()["body"]
    assert (await marketing.post(f"{path}/replay", headers=keys.as_("marketer"))).status_code == 202
    await work_off(marketing_sessions)
    assert (await marketing.post(f"{path}/replay", headers=keys.as_("marketer"))).status_code == 409
    sums = await balance(marketing, keys)
    assert (sums["deliveries"]["read"], sums["submissions"]["created"], sums["holds"]) == (3, 3, True)


async def test_a_database_that_goes_away_is_no_reason_to_give_up(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any, **__: Any) -> Any:
        raise ConnectionResetError

    async def no_answer(_: Sessions) -> bool:
        return False

    form = await new_form(marketing, keys)
    await submit(marketing, form, {"email": "a@b.co"})
    with monkeypatch.context() as patch:
        patch.setattr(leads, "register", away)
        patch.setattr(attempts, "_answers", no_answer)
        for _ in range(2):
            with pytest.raises(ConnectionResetError):
                await process_deliveries(marketing_sessions)
            async with marketing_sessions.begin() as session:
                await session.execute(text("UPDATE deliveries SET taken_until = now()"))
    assert (await balance(marketing, keys))["deliveries"]["pending"] == 1
    await work_off(marketing_sessions)
    assert (await balance(marketing, keys))["submissions"]["created"] == 1


async def test_a_batch_that_takes_too_long_goes_on_one_by_one(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = leads.register

    async def too_slow_together(session: Any, arrivals: Any, *, now: Any) -> Any:
        if len(arrivals) > 1:
            await session.execute(text("SET LOCAL statement_timeout = '10ms'"))
            await session.execute(text("SELECT pg_sleep(1)"))
        return await real(session, arrivals, now=now)

    monkeypatch.setattr(leads, "register", too_slow_together)
    form = await new_form(marketing, keys)
    for number in range(3):
        await submit(marketing, form, {"email": f"a{number}@b.co"})
    await work_off(marketing_sessions)
    sums = await balance(marketing, keys)
    assert (sums["submissions"]["created"], sums["holds"]) == (3, True)


async def test_the_balance_notices_a_lost_row(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    for number in range(3):
        await submit(marketing, form, {"email": f"a{number}@b.co"})
    await work_off(marketing_sessions)
    assert (await balance(marketing, keys))["holds"]
    async with marketing_sessions.begin() as session:
        await session.execute(
            text("DELETE FROM submissions WHERE id = (SELECT max(id::text) FROM submissions)::uuid")
        )
    sums = await balance(marketing, keys)
    assert (sums["holds"], sums["deliveries"]["holds"], sums["submissions"]["holds"]) == (False, True, False)
