"""How much of strangers the doors take: over HTTP, by client network; what each hears and what is kept."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.capture.connectors.quotas import GUESSES, DoorQuotas, HourCounts
from services.marketing.capture.sources import cache, queries
from services.marketing.capture.sources.rules import FormSettings
from services.marketing.settings import Settings
from shared import clock
from shared.database.sessions import Sessions
from shared.errors import TooManyRequestsError
from tests.marketing.capture.house import (
    GOOGLE_KEY,
    announce,
    balance,
    google_lead,
    meta_body,
    new_connection,
    new_form,
    submissions,
    submit,
    work_off,
)
from tests.support.apps import serving
from tests.support.keys import Keys

OFFICE, HOME, NEIGHBOUR = "198.51.100.1", "2001:db8:1:2::1", "2001:db8:1:2::ffff"
Service = tuple[FastAPI, AsyncClient]
Start = Callable[..., AbstractAsyncContextManager[Service]]


@pytest.fixture
def start(marketing_database: str, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Marketing behind a proxy that says who asks, with few forms for each network."""

    def started(**settings: str) -> AbstractAsyncContextManager[Service]:
        given = {"TRUSTED_PROXIES": "127.0.0.1", "FORM_BURST": "3", "FORM_RATE": "0.001", **settings}
        return serving("marketing", marketing_database, keys, monkeypatch, **given)

    return started


@pytest.fixture
async def behind_proxy(start: Start) -> AsyncIterator[AsyncClient]:
    async with start() as (_, client):
        yield client


def by(address: str, **more: str) -> dict[str, str]:
    return {"x-forwarded-for": address, **more}


async def post(client: AsyncClient, form: dict[str, Any], number: int, address: str, **more: str) -> Response:
    return await submit(client, form, {"email": f"p{number}@firm-{number}.com"}, **by(address, **more))


async def test_a_network_that_sends_too_much_hears_when_to_come_again_and_nobody_else_does(
    behind_proxy: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(behind_proxy, keys)
    answers = [await post(behind_proxy, form, number, HOME) for number in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    refused = answers[-1]
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"].endswith(":too-many-requests")
    assert 0 < int(refused.headers["retry-after"]) <= 1000
    assert (await post(behind_proxy, form, 5, NEIGHBOUR)).status_code == 429  # the same household
    assert (await post(behind_proxy, form, 6, OFFICE)).status_code == 202
    assert (await post(behind_proxy, form, 7, "2001:db8:1:3::1")).status_code == 202

    await work_off(marketing_sessions)
    assert len(await submissions(behind_proxy, keys)) == 5  # what was accepted, and nothing else
    found = await balance(behind_proxy, keys)
    assert found["holds"]


async def test_refusals_are_counted_by_door_and_reason(
    start: Start, keys: Keys, marketing_sessions: Sessions
) -> None:
    async with start() as (_, client):
        form = await new_form(client, keys)
        for number in range(5):
            await post(client, form, number, OFFICE)
        metrics = (await client.get("/metrics")).text
        assert 'leadloop_door_refused_total{door="web_form",reason="rate"}' in metrics
        async with marketing_sessions() as session:
            for _ in range(100):
                rows = (await session.execute(text("SELECT door, reason, count FROM refusals"))).all()
                if rows:
                    break
                await session.execute(text("SELECT pg_sleep(0.05)"))
            assert [tuple(row) for row in rows] == [("web_form", "rate", 2)]


async def test_a_stranger_is_not_believed_whom_he_speaks_for(start: Start, keys: Keys) -> None:
    async with start(TRUSTED_PROXIES="10.0.0.0/8") as (_, client):
        form = await new_form(client, keys)
        found = [
            (await post(client, form, number, f"198.51.100.{number}")).status_code for number in range(4)
        ]
        assert found == [202, 202, 202, 429]


async def test_a_person_is_shown_the_page_that_says_try_again(behind_proxy: AsyncClient, keys: Keys) -> None:
    form = await new_form(behind_proxy, keys, language="de")
    for number in range(3):
        await post(behind_proxy, form, number, OFFICE)
    path = f"/v1/forms/{form['key']}/submissions"
    answer = await behind_proxy.post(path, data={"email": "a@b.co"}, headers=by(OFFICE, accept="text/html"))
    assert (answer.status_code, answer.headers["content-type"]) == (429, "text/html; charset=utf-8")
    assert "retry-after" in answer.headers
    assert "warten Sie einen Moment" in answer.text


async def test_several_hundred_people_behind_one_address_get_in(start: Start, keys: Keys) -> None:
    async with start(FORM_BURST="", FORM_RATE="") as (_, client):
        form = await new_form(client, keys)
        found = [(await post(client, form, number, OFFICE)).status_code for number in range(300)]
        assert set(found) == {202}


async def test_wrong_keys_cost_the_database_next_to_nothing(
    start: Start, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    open_form = queries.open_form

    async def counted(session: AsyncSession, key: str) -> FormSettings | None:
        asked.append(key)
        return await open_form(session, key)

    monkeypatch.setattr(queries, "open_form", counted)
    async with start() as (_, client):
        same = [
            await client.post("/v1/forms/pk_no/submissions", json={}, headers=by(HOME)) for _ in range(20)
        ]
        assert {answer.status_code for answer in same} == {404}
        assert len(asked) <= 2  # it is remembered for some seconds
        statuses = []
        for number in range(300):
            path = f"/v1/forms/pk_guess{number}/submissions"
            statuses.append((await client.post(path, json={}, headers=by(OFFICE))).status_code)
        assert statuses[: GUESSES - 1] == [404] * (GUESSES - 1)
        assert statuses.count(429) >= 300 - GUESSES - 2
        assert len(asked) <= GUESSES + 4  # who is refused is refused without asking


async def test_who_guesses_still_posts_to_forms_that_are_there(behind_proxy: AsyncClient, keys: Keys) -> None:
    form = await new_form(behind_proxy, keys)
    await post(behind_proxy, form, 0, HOME)
    for number in range(GUESSES + 5):
        answer = await behind_proxy.post(f"/v1/forms/pk_{number}/submissions", json={}, headers=by(OFFICE))
    assert answer.status_code == 429
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await post(behind_proxy, form, 1, OFFICE)).status_code == 202
    # Nor is somebody lost at a form that this door was never asked for.
    new = await new_form(behind_proxy, keys)
    assert (await post(behind_proxy, new, 2, OFFICE)).status_code == 202
    await behind_proxy.patch(f"/v1/forms/{new['id']}", json={"active": False}, headers=keys.as_("admin"))
    assert (await post(behind_proxy, new, 3, OFFICE)).status_code in (404, 429)


async def test_a_form_that_was_just_opened_works_at_once(behind_proxy: AsyncClient, keys: Keys) -> None:
    form = await new_form(behind_proxy, keys)
    path, admin = f"/v1/forms/{form['id']}", keys.as_("admin")
    for is_open, status in ((False, 404), (True, 202), (False, 404), (True, 202)):
        changed = await behind_proxy.patch(path, json={"active": is_open}, headers=admin)
        assert changed.status_code == 200
        assert (await post(behind_proxy, form, 1, OFFICE)).status_code == status


async def test_the_memory_of_wrong_keys_is_bounded(
    marketing: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MOST_UNKNOWN", 5)
    known = marketing._transport.app.state.known_sources  # type: ignore[attr-defined]
    for number in range(20):
        assert await known.form(f"pk_{number}") is None
    assert len(known._forms._unknown) == 5
    assert await known.form("pk_" + "x" * 1000) is None
    assert len(known._forms._unknown) == 5


async def test_forgers_are_refused_before_any_work_and_the_platform_never(
    behind_proxy: AsyncClient, keys: Keys
) -> None:
    connection = await new_connection(behind_proxy, keys, "meta")
    body = meta_body(1)
    genuine = await announce(behind_proxy, connection, body, **by(HOME))
    assert genuine.status_code == 200
    forged = {"x-hub-signature-256": "sha256=" + "0" * 64}
    for address in (OFFICE, HOME):
        answers = [await announce(behind_proxy, connection, body, **by(address, **forged)) for _ in range(40)]
        statuses = [answer.status_code for answer in answers]
        assert statuses[:30] == [401] * 30
        # One from whose network genuine news came is looked at, each time.
        assert statuses[-1] == (429 if address == OFFICE else 401)
    assert int(answers[0].status_code) == 401
    again = await announce(behind_proxy, connection, meta_body(2), **by(HOME))
    assert again.status_code == 200
    other = await new_connection(behind_proxy, keys, "google_ads")
    lead = google_lead("L-1")
    assert lead["google_key"] == GOOGLE_KEY
    # Another connection's forgers are no business of this one.
    taken = await behind_proxy.post(other["webhook_path"], json=lead, headers=by(OFFICE))
    assert taken.status_code == 200


def test_networks_that_proved_themselves_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARKETING_DATABASE_URL", "postgresql://nowhere/nothing")
    quotas = DoorQuotas(Settings())
    for number in range(5000):
        quotas.proven(UUID(int=1), f"network {number}")
    assert len(quotas._proven) == 4096
    for _ in range(50):
        quotas.forged(UUID(int=1), "network 0")
        quotas.forged(UUID(int=1), "network 4999")
    quotas.check_forgeries(UUID(int=1), "network 4999")
    with pytest.raises(TooManyRequestsError):
        quotas.check_forgeries(UUID(int=1), "network 0")


def test_an_unusual_hour_is_above_five_times_the_busiest() -> None:
    at = [3_600_000.0]
    counts = HourCounts(now=lambda: at[0])
    new, busy = FormSettings(UUID(int=1), "pk_1"), FormSettings(UUID(int=2), "pk_2", busiest_hour=7)
    assert [counts.is_unusual(new) for _ in range(22)] == [False] * 20 + [True] * 2
    assert [counts.is_unusual(busy) for _ in range(37)] == [False] * 35 + [True] * 2
    at[0] += 3600
    assert not counts.is_unusual(new)
    # What other processes got counts, too, as soon as it was noted; of another hour it does not.
    began = clock.now().fromtimestamp(at[0], tz=clock.now().tzinfo)
    noted = FormSettings(UUID(int=3), "pk_3", hour_began=began, hour_count=20)
    assert counts.is_unusual(noted)
    at[0] += 3600
    assert not counts.is_unusual(noted)
