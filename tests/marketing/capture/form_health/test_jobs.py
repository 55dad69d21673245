"""How forms do, as it is counted and noted."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from httpx import AsyncClient
from sqlalchemy import text

from services.marketing.capture.form_health.jobs import look_at_forms
from shared import clock
from shared.database.sessions import Sessions
from tests.marketing.capture.house import new_form, submit, work_off
from tests.support.keys import Keys

HOUR = timedelta(hours=1)


async def shown(client: AsyncClient, keys: Keys, form: dict[str, Any], part: str = "") -> dict[str, Any]:
    answer = await client.get(f"/v1/forms/{form['id']}{part}", headers=keys.as_("analyst"))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def arrived(sessions: Sessions, form: dict[str, Any], *ago: timedelta) -> None:
    """Deliveries that came so long ago."""
    now = clock.now()
    rows = [
        {"id": clock.new_id(now - one), "source_id": UUID(form["id"]), "received_at": now - one}
        for one in ago
    ]
    async with sessions.begin() as session:
        await session.execute(
            text(
                "INSERT INTO deliveries (id, door, source_id, received_at, state, body) "
                "VALUES (:id, 'web_form', :source_id, :received_at, 'read', '{}')"
            ),
            rows,
        )


async def states(client: AsyncClient, keys: Keys, state: str) -> list[str]:
    listed = await client.get("/v1/forms", params={"state": state}, headers=keys.as_("marketer"))
    assert listed.status_code == 200, listed.text
    return [form["id"] for form in listed.json()["items"]]


async def test_a_form_tells_what_became_of_its_posts(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys, honeypot_field="trap")
    bodies: list[dict[str, Any]] = [
        {"email": "a@muster-gmbh.com", "name": "Ada", "Favourite colour?": "red", "message": "Hi"},
        {"email": "b@muster-gmbh.com", "trap": "x"},
        {"name": "Nobody"},
    ]
    for body in bodies:
        await submit(marketing, form, body)
    await work_off(marketing_sessions)

    found = await shown(marketing, keys, form)
    assert found["last_30_days"] == {
        "created": 1,
        "merged": 0,
        "rejected": 1,
        "quarantined": 1,
        "pending": 0,
    }
    assert found["last_submission_at"] is not None
    assert found["state"] == "ok"
    detail = await shown(marketing, keys, form, "/activity")
    assert [day["created"] for day in detail["days"]] == [1]
    assert detail["posts_read"] == 3
    assert detail["fields_not_understood"] == ["Favourite colour?"]
    taken = {field["name"]: (field["understood_as"], field["count"]) for field in detail["fields"]}
    assert taken["email"] == ("email", 2)
    assert taken["trap"] == ("honeypot", 1)
    assert "muster" not in str(detail)


async def test_a_form_that_falls_silent_says_so_until_something_comes(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    silent, busy, new = [await new_form(marketing, keys) for _ in range(3)]
    await arrived(marketing_sessions, silent, *(HOUR * (3 + n) for n in range(25)))
    await arrived(marketing_sessions, busy, *(HOUR * (1 + n) for n in range(25)))

    assert await look_at_forms(marketing_sessions) == 1
    assert await look_at_forms(marketing_sessions) == 0
    assert await states(marketing, keys, "silent") == [silent["id"]]
    assert await states(marketing, keys, "ok") == [new["id"], busy["id"]]
    found = await shown(marketing, keys, silent)
    assert "Nothing has come since" in found["state_reason"]
    assert found["state_since"] is not None
    assert found["version"] == 1

    await submit(marketing, silent, {"email": "a@muster-gmbh.com"})
    assert await look_at_forms(marketing_sessions) == 1
    found = await shown(marketing, keys, silent)
    assert (found["state"], found["state_reason"]) == ("ok", None)


async def test_a_form_that_rejects_most_says_so(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form, small = await new_form(marketing, keys), await new_form(marketing, keys)
    for number in range(4):
        await submit(marketing, form, {"name": f"Nobody {number}"})
        await submit(marketing, small, {"name": f"Nobody {number}"})
    await submit(marketing, form, {"email": "a@muster-gmbh.com"})
    await work_off(marketing_sessions)

    assert await look_at_forms(marketing_sessions) == 1
    assert await states(marketing, keys, "rejecting") == [form["id"]]
    assert "Of 5 posts within a day 4 were rejected" in (await shown(marketing, keys, form))["state_reason"]

    closed = await marketing.patch(
        f"/v1/forms/{form['id']}", json={"active": False}, headers=keys.as_("marketer")
    )
    assert (closed.status_code, closed.json()["state"]) == (200, "ok")
    assert await look_at_forms(marketing_sessions) == 0


async def test_refused_origins_are_shown_with_what_they_just_miss(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys, origins=["https://www.example.com"])
    for name in ("a", "b"):
        await submit(marketing, form, {"email": f"{name}@muster-gmbh.com"}, origin="https://www.example.com")
    await work_off(marketing_sessions)
    async with marketing_sessions.begin() as session:  # as the door and the intake leave it
        await session.execute(text("UPDATE deliveries SET sender = 'https://example.com'"))
        await session.execute(text("UPDATE submissions SET state = 'quarantined', reason = 'origin'"))

    [refused] = (await shown(marketing, keys, form, "/activity"))["refused_origins"]
    assert (refused["origin"], refused["count"]) == ("https://example.com", 2)
    assert "https://www.example.com" in refused["hint"]


async def test_a_test_is_no_sign_of_life(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    await arrived(marketing_sessions, form, *(HOUR * (3 + n) for n in range(25)), timedelta(minutes=1))
    async with marketing_sessions.begin() as session:
        await session.execute(
            text("UPDATE deliveries SET state = 'notice' WHERE received_at > now() - interval '1 hour'")
        )

    assert await look_at_forms(marketing_sessions) == 1
    found = await shown(marketing, keys, form)
    assert found["state"] == "silent"
    assert found["last_test_at"] > found["last_submission_at"]
