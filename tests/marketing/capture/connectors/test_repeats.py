"""The same key again: with the same body a repeat, with another one never a person who is lost."""

from typing import Any

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import text

from shared.database.sessions import Sessions
from tests.marketing.capture.house import (
    balance,
    google_lead,
    new_connection,
    new_form,
    submissions,
    submissions_in_full,
    submit,
    work_off,
)
from tests.support.keys import Keys

ADA, BEN = {"email": "ada@b.co"}, {"email": "ben@b.co"}
KEY = {"idempotency-key": "page-key-1"}


async def send(client: AsyncClient, keys: Keys, path: str, values: Any, **headers: str) -> Response:
    return await client.post(path, json=values, headers={**keys.as_("admin"), **headers})


async def deliveries(sessions: Sessions) -> list[tuple[Any, ...]]:
    """By receipt: state, whether the body is kept, whether its hash is, whether it names a first one."""
    query = (
        "SELECT state, body IS NOT NULL, body_sha256 IS NOT NULL, repeat_of IS NOT NULL "
        "FROM deliveries ORDER BY id"
    )
    async with sessions() as session:
        return [tuple(row) for row in await session.execute(text(query))]


PENDING, CHANGED = ("pending", True, True, False), ("pending", True, True, True)
REPEATED = ("repeat", False, True, True)


async def test_another_body_under_a_known_key(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    """At a form's door it is a lead of its own, and each of them has its own repeats."""
    form = await new_form(marketing, keys)
    sent = [await submit(marketing, form, values, **KEY) for values in (ADA, BEN, ADA, BEN)]
    ids = [answer.json()["submission_id"] for answer in sent]
    assert (ids[2:], len(set(ids))) == (ids[:2], 2)
    assert await deliveries(marketing_sessions) == [PENDING, CHANGED, REPEATED, REPEATED]

    await work_off(marketing_sessions)
    found = await submissions_in_full(marketing, keys)
    assert [(one["state"], one["captured"]["email"]) for one in found] == [
        ("created", "ada@b.co"),
        ("created", "ben@b.co"),
    ]
    sums = await balance(marketing, keys)
    assert (sums["holds"], sums["deliveries"]["received"], sums["repeats_with_another_body"]) == (True, 4, 1)


async def test_a_page_without_a_script_repeats_itself_by_its_nonce(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    path = f"/v1/forms/{form['key']}/submissions"
    for _ in range(3):
        await marketing.post(path, data={**ADA, "_nonce": "view-0001"})
    await marketing.post(path, data={**ADA, "_nonce": "view-0002"})
    states = [state for state, *_ in await deliveries(marketing_sessions)]
    assert states == ["pending", "repeat", "repeat", "pending"]
    await work_off(marketing_sessions)
    assert all("nonce" not in str(one["captured"]) for one in await submissions_in_full(marketing, keys))


@pytest.mark.parametrize(
    ("path", "bodies"),
    [
        ("/v1/leads", (ADA, BEN)),
        ("/v1/leads/batch", ({"leads": [ADA]}, {"leads": [BEN]})),
    ],
)
async def test_a_server_is_told_that_its_key_is_used(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions, path: str, bodies: tuple[Any, Any]
) -> None:
    first = await send(marketing, keys, path, bodies[0], **KEY)
    other = await send(marketing, keys, path, bodies[1], **KEY)
    again = await send(marketing, keys, path, bodies[0], **KEY)
    assert (other.status_code, other.json()["type"]) == (422, "urn:leadloop:problem:key-reused")
    assert (again.status_code, again.json()) == (202, first.json())
    assert await deliveries(marketing_sessions) == [PENDING, REPEATED]


async def test_a_key_is_of_one_route(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    answers = [
        await send(marketing, keys, "/v1/leads/batch", {"leads": [ADA]}, **KEY),
        await send(marketing, keys, "/v1/leads", BEN, **KEY),
        await submit(marketing, form, ADA, **KEY),
    ]
    assert [answer.status_code for answer in answers] == [202] * 3
    assert [state for state, *_ in await deliveries(marketing_sessions)] == ["pending"] * 3


async def test_a_batch_names_submissions_that_there_are(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    for _ in range(2):
        answer = await send(marketing, keys, "/v1/leads/batch", {"leads": [ADA, BEN]}, **KEY)
        await work_off(marketing_sessions)
    for one in answer.json()["submissions"]:
        found = await marketing.get(f"/v1/submissions/{one['submission_id']}", headers=keys.as_("analyst"))
        assert found.status_code == 200


async def test_other_content_under_an_external_id_is_kept(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    bodies = [{"external_id": "E-77", **values} for values in (ADA, BEN, ADA, BEN)]
    ids = [(await send(marketing, keys, "/v1/leads", body)).json()["submission_id"] for body in bodies]
    assert (ids[2:], len(set(ids))) == (ids[:2], 2)
    assert await deliveries(marketing_sessions) == [PENDING, CHANGED, REPEATED, REPEATED]
    await work_off(marketing_sessions)
    assert (await balance(marketing, keys))["holds"]


async def test_another_body_of_a_platform_is_kept(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    connection = await new_connection(marketing, keys, "google_ads")
    bodies = [google_lead("L-1", is_test=True), google_lead("L-1"), google_lead("L-1")]
    for body in bodies:
        assert (await marketing.post(connection["webhook_path"], json=body)).status_code == 200
    assert await deliveries(marketing_sessions) == [PENDING, PENDING, REPEATED]
    await work_off(marketing_sessions)
    assert [one["state"] for one in await submissions(marketing, keys)] == ["created"]


async def test_what_was_rejected_is_tried_again(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    """The everyday retry of an integration: without an address, the same once more, and then with one."""
    for values in ({"name": "Ada"}, {"name": "Ada"}, ADA):
        answer = await send(marketing, keys, "/v1/leads", {"external_id": "E-77", **values})
        assert answer.status_code == 202
        await work_off(marketing_sessions)
    assert [state for state, *_ in await deliveries(marketing_sessions)] == ["read"] * 3
    found = await submissions(marketing, keys)
    assert [one["state"] for one in found] == ["rejected", "rejected", "created"]
    assert answer.json()["submission_id"] == found[-1]["id"]


async def test_what_could_not_be_read_is_tried_again(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    body, kind = b'{"email":"a@b.co"', {"content-type": "application/json", **KEY}
    for _ in range(2):
        await marketing.post(f"/v1/forms/{form['key']}/submissions", content=body, headers=kind)
        await work_off(marketing_sessions)
    assert [row for row in await deliveries(marketing_sessions) if row[0] == "unreadable"] == [
        ("unreadable", True, True, False)
    ] * 2
    assert (await balance(marketing, keys))["holds"]


@pytest.mark.parametrize(("age", "states"), [(47, ["pending", "repeat"]), (49, ["pending", "pending"])])
async def test_a_key_lives_for_two_days(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions, age: int, states: list[str]
) -> None:
    async def sent() -> str:
        return str((await send(marketing, keys, "/v1/leads", ADA, **KEY)).json()["submission_id"])

    first = await sent()
    async with marketing_sessions.begin() as session:
        await session.execute(
            text(f"UPDATE deliveries SET received_at = received_at - interval '{age} hours'")
        )
    assert (await sent() == first) is (age < 48)
    assert [state for state, *_ in await deliveries(marketing_sessions)] == states


async def test_an_external_id_is_for_ever(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    body = {"external_id": "E-1", **ADA}
    await send(marketing, keys, "/v1/leads", body)
    async with marketing_sessions.begin() as session:
        await session.execute(text("UPDATE deliveries SET received_at = received_at - interval '400 days'"))
    await send(marketing, keys, "/v1/leads", body)
    assert [state for state, *_ in await deliveries(marketing_sessions)] == ["pending", "repeat"]


async def test_a_delivery_from_before_hashes_is_compared_by_its_body(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    await send(marketing, keys, "/v1/leads", ADA, **KEY)
    async with marketing_sessions.begin() as session:
        await session.execute(text("UPDATE deliveries SET body_sha256 = NULL"))
    assert (await send(marketing, keys, "/v1/leads", BEN, **KEY)).status_code == 422
    assert (await send(marketing, keys, "/v1/leads", ADA, **KEY)).status_code == 202
