"""What came in goes when its days are over, each kind by its own; what waits never goes."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from services.marketing.capture.retention import jobs, queries
from shared.database.sessions import Sessions, driver
from tests.marketing.capture.house import (
    announce,
    balance,
    meta_body,
    new_connection,
    submissions,
    submit,
    work_off,
)
from tests.marketing.capture.retention.house import ADA, SPAM, clear, grow_old, kept
from tests.support.keys import Keys


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


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (queries.DUE_BODIES, "ix_deliveries_bodies"),
        (queries.DUE_UNREADABLE, "ix_deliveries_unreadable"),
        (queries.DUE_TAKEN, "ix_submissions_kept"),
        (queries.DUE_REFUSED, "ix_submissions_kept_refused"),
    ],
)
async def test_what_is_due_is_found_by_what_is_still_there(
    statement: str, index: str, marketing_sessions: Sessions
) -> None:
    """However long the history: with everything it might read otherwise forbidden, by an index of its own."""
    async with marketing_sessions.begin() as session:
        connection = await driver(session)
        await connection.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        plan = await connection.fetch(f"EXPLAIN {statement}", 90, 1000)

    lines = [str(row[0]) for row in plan]
    assert any(f"using {index} " in line for line in lines), lines
    assert not any("Sort" in line for line in lines), lines


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
