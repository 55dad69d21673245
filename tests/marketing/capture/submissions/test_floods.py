"""What becomes of a form's posts above its unusual rate, in which order, and who hears of it."""

import asyncio
import time
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text
from structlog.testing import capture_logs

from services.marketing.backlog import QUEUES
from services.marketing.capture.connectors.rules import CapturedLead
from services.marketing.capture.form_health.jobs import look_at_forms
from services.marketing.capture.sources.rates import HOUR
from services.marketing.capture.submissions import jobs
from services.marketing.capture.submissions.alarm_job import tell_desk
from services.marketing.capture.submissions.jobs import read_deliveries
from services.marketing.capture.submissions.rules import judge
from services.marketing.people.contacts.rules import Person
from shared.database.sessions import Sessions
from tests.marketing.capture.house import balance, new_form, submissions, submit, work_off
from tests.support.keys import Keys

PAGE = "https://www.shop.example"


@pytest.fixture(autouse=True)
async def within_one_hour() -> None:
    """Doors count by the hour of the clock, and a test is no good across its end."""
    left = HOUR - time.time() % HOUR
    if left < 20:
        await asyncio.sleep(left + 0.1)


async def flood(client: AsyncClient, form: dict[str, Any], first: int, number: int, **headers: str) -> None:
    for one in range(first, first + number):
        answer = await submit(client, form, {"email": f"p{one}@firm-{one}.com"}, **headers)
        assert answer.status_code == 202


async def test_above_the_unusual_rate_only_what_has_a_sign_of_spam_is_held_back(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys, origins=[PAGE], honeypot_field="trap")
    await flood(marketing, form, 0, 20)  # usual: no origin is no sign
    await flood(marketing, form, 20, 2)  # above: from no page
    await flood(marketing, form, 22, 2, origin=PAGE)
    await submit(marketing, form, {"email": "a@trap.com", "trap": "x"}, origin=PAGE)
    await work_off(marketing_sessions)

    found = await submissions(marketing, keys)
    assert [one["state"] for one in found] == ["created"] * 20 + ["quarantined"] * 2 + ["created"] * 2 + [
        "quarantined"
    ]
    assert [one["reason"] for one in found[20:]] == ["flood", "flood", None, None, "flood"]
    assert {one["flag"] for one in found[:20]} == {None}
    assert {one["flag"] for one in found[20:]} == {"burst"}
    assert (await balance(marketing, keys))["holds"]


async def test_many_in_a_moment_from_one_address_are_a_sign(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    await flood(marketing, form, 0, 70, origin=PAGE)
    await work_off(marketing_sessions)
    states = [one["state"] for one in await submissions(marketing, keys)]
    assert states[:60] == ["created"] * 60
    assert states[-1] == "quarantined"


@pytest.mark.parametrize(
    ("lead", "mark", "reason"),
    [
        (CapturedLead(person=Person(email="a@b.co")), None, None),
        (CapturedLead(person=Person(email="a@b.co")), "burst", None),
        (CapturedLead(person=Person(email="a@b.co")), "flood", "flood"),
        (CapturedLead(person=Person(email="a@b.co"), trapped=True), None, "honeypot"),
        (CapturedLead(person=Person(email="a@b.co"), trapped=True), "burst", "flood"),
        (CapturedLead(person=Person(email="a@b.co"), faults=("origin_refused",)), "burst", "flood"),
        (CapturedLead(person=Person(email="a@b.co", given_name="www.x.example")), "burst", "flood"),
        (CapturedLead(), "burst", "no_contact"),
    ],
)
def test_signs_of_spam_in_a_burst(lead: CapturedLead, mark: str | None, reason: str | None) -> None:
    verdict = judge(lead, mark=mark)
    assert (verdict.reason if verdict else None) == reason
    assert verdict is None or verdict.reason != "flood" or verdict.detail.endswith(".")
    released = judge(lead, mark=mark, released=True)
    assert released is None or released.reason == "no_contact"


async def test_a_flood_is_read_after_everything_else(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "OF_A_FLOOD", 2)
    flooded = await new_form(marketing, keys, origins=[PAGE])
    quiet = await new_form(marketing, keys)
    await flood(marketing, flooded, 0, 25)
    await flood(marketing, quiet, 100, 1)
    assert await read_deliveries(marketing_sessions) == 21  # those before the flood, and who came after it
    assert len(await submissions(marketing, keys, source_id=quiet["id"])) == 1
    assert await read_deliveries(marketing_sessions) == 2
    await flood(marketing, quiet, 101, 1)
    assert await read_deliveries(marketing_sessions) == 1
    assert len(await submissions(marketing, keys, source_id=quiet["id"])) == 2
    await work_off(marketing_sessions)
    assert len(await submissions(marketing, keys, source_id=flooded["id"])) == 25


async def test_large_bodies_of_a_flood_wait_for_the_others_too(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    for number in range(3):
        await submit(marketing, form, {"email": f"p{number}@firm.com", "message": "x" * 17_000})
    async with marketing_sessions.begin() as session:
        await session.execute(
            text(
                "UPDATE deliveries SET mark = 'flood' WHERE id < (SELECT max(id::text)::uuid FROM deliveries)"
            )
        )
    await jobs.process_with_care(marketing_sessions)
    async with marketing_sessions() as session:
        left = (await session.execute(text("SELECT mark FROM deliveries WHERE state = 'pending'"))).scalars()
        assert list(left) == ["flood", "flood"]
    await work_off(marketing_sessions)
    assert len(await submissions(marketing, keys)) == 3


async def waiting(sessions: Sessions) -> int:
    """How many hand-raisers `leadloop_waiting` says are in quarantine."""
    (queue,) = [queue for queue in QUEUES if queue.name == "hand_raisers"]
    async with sessions() as session:
        return int((await session.execute(text(f"SELECT count(*) FROM {queue.rows}"))).scalar_one())


async def test_hand_raisers_in_quarantine_are_told_of_once_and_keep_their_clock(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys, hand_raiser=True, honeypot_field="trap")
    other = await new_form(marketing, keys, honeypot_field="trap")
    fine = await new_form(marketing, keys, hand_raiser=True)
    await submit(marketing, fine, {"email": "eva@probe-gmbh.com"})
    await submit(marketing, form, {"email": "ada@muster-gmbh.com", "trap": "autofill"})
    await submit(marketing, other, {"email": "ben@muster-gmbh.com", "trap": "autofill"})
    await work_off(marketing_sessions)
    # What somebody takes back is no news to them.
    taken = {"source_id": fine["id"], "reason": "spam"}
    back = await marketing.post("/v1/submissions/withdraw", json=taken, headers=keys.as_("marketer"))
    assert back.json()["submissions"] == 1, back.text
    assert await waiting(marketing_sessions) == 1
    with capture_logs() as lines:
        assert await tell_desk(marketing_sessions) == 1
        assert await tell_desk(marketing_sessions) == 0
    (line,) = [line for line in lines if line["event"] == "hand_raisers_quarantined"]
    assert (line["log_level"], line["count"], line["reason"]) == ("error", 1, "honeypot")
    assert line["source_id"] == form["id"]

    (asking,) = await submissions(
        marketing, keys, state="quarantined", hand_raiser="true", source_id=form["id"]
    )
    assert asking["alarmed_at"]
    async with marketing_sessions.begin() as session:  # an hour and more ago
        for table in ("deliveries", "submissions"):
            await session.execute(text(f"UPDATE {table} SET received_at = received_at - interval '2 hours'"))
    (asking,) = await submissions(marketing, keys, state="quarantined", source_id=form["id"])
    path = f"/v1/submissions/{asking['id']}/replay"
    assert (await marketing.post(path, headers=keys.as_("marketer"))).status_code == 200
    await work_off(marketing_sessions)

    async with marketing_sessions() as session:
        told = (
            await session.execute(
                text(
                    "SELECT convert_from(data, 'UTF8')::jsonb FROM outbox WHERE type LIKE '%lead_qualified%' "
                    "ORDER BY id DESC LIMIT 1"
                )
            )
        ).scalar_one()
    assert told["received_at"][:19] == asking["received_at"][:19]
    assert not told.get("backfilled")
    assert await tell_desk(marketing_sessions) == 0
    assert await waiting(marketing_sessions) == 0


async def test_what_is_usual_is_counted_from_hours_without_floods(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys, origins=[PAGE])
    await flood(marketing, form, 0, 25)
    await look_at_forms(marketing_sessions)
    columns = text("SELECT busiest_hour, hour_count FROM forms")
    async with marketing_sessions() as session:
        assert tuple((await session.execute(columns)).one()) == (0, 25)
    async with marketing_sessions.begin() as session:  # an hour later
        await session.execute(text("UPDATE deliveries SET received_at = received_at - interval '1 hour'"))
        await session.execute(text("DELETE FROM form_hours"))
    await look_at_forms(marketing_sessions)
    async with marketing_sessions.begin() as session:
        assert tuple((await session.execute(columns)).one()) == (20, 0)
        await session.execute(text("UPDATE form_hours SET arrivals = 90, hour = hour - interval '29 days'"))
        await session.execute(text("UPDATE deliveries SET received_at = received_at - interval '30 days'"))
    await look_at_forms(marketing_sessions)
    async with marketing_sessions() as session:
        assert tuple((await session.execute(columns)).one()) == (0, 0)
        assert (await session.execute(text("SELECT count(*) FROM form_hours"))).scalar_one() == 0
