"""Secrets of our choosing, and keys that are changed while the doors are open."""

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from services.marketing.capture.connectors.registry import DOORS
from services.marketing.capture.sources import resealing
from services.marketing.capture.sources.encryption import Sealer, digest
from services.marketing.capture.sources.resealing import WRONG_KEY, Resealed, reseal, secrets_check
from services.marketing.capture.sources.rules import SHORTEST_OF_OURS
from shared.database.sessions import Sessions, create_engine, create_sessions
from tests.marketing.capture.house import GOOGLE_KEY, google_lead, new_connection
from tests.support.apps import serving
from tests.support.keys import SECRETS_KEY as OLD
from tests.support.keys import Keys

NEW = "bmV3LWtleS1mb3ItdGVzdHMtbmV3LWtleS1mb3ItdGVzdHM="
OURS = [(name, kind) for name, door in DOORS.items() if door.connections for kind in door.connections.ours]


def test_some_secrets_are_ours() -> None:
    assert set(OURS) == {("google_ads", "google_key"), ("meta", "verify_token")}


@pytest.mark.parametrize(("kind", "secret"), OURS)
async def test_a_secret_of_our_choosing_is_made_and_shown_once(
    marketing: AsyncClient, keys: Keys, kind: str, secret: str
) -> None:
    body = {"kind": kind, "name": "New", "secrets": {}}
    made = await marketing.post("/v1/connections", json=body, headers=keys.as_("marketer"))
    assert made.status_code == 201, made.text
    given = made.json()["new_secrets"]
    assert set(given) == {secret}
    assert len(given[secret]) >= SHORTEST_OF_OURS
    another = await marketing.post("/v1/connections", json=body, headers=keys.as_("marketer"))
    assert another.json()["new_secrets"][secret] != given[secret]

    shown = await marketing.get(f"/v1/connections/{made.json()['id']}", headers=keys.as_("marketer"))
    assert given[secret] not in shown.text
    hook = made.json()["webhook_path"]
    if kind == "google_ads":
        answer = await marketing.post(hook, json=google_lead("1", google_key=given[secret]))
    else:
        query = {"hub.mode": "subscribe", "hub.verify_token": given[secret], "hub.challenge": "1"}
        answer = await marketing.get(hook, params=query)
    assert answer.status_code == 200


async def test_a_secret_that_is_given_is_not_shown_again(marketing: AsyncClient, keys: Keys) -> None:
    assert (await new_connection(marketing, keys, "google_ads"))["new_secrets"] == {}


@pytest.mark.parametrize(("kind", "secret"), OURS)
async def test_a_secret_of_our_choosing_that_can_be_guessed_is_refused(
    marketing: AsyncClient, keys: Keys, kind: str, secret: str
) -> None:
    body = {"kind": kind, "name": "New", "secrets": {secret: "k" * (SHORTEST_OF_OURS - 1)}}
    refused = await marketing.post("/v1/connections", json=body, headers=keys.as_("marketer"))
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == f"/secrets/{secret}"
    assert str(SHORTEST_OF_OURS) in refused.json()["detail"]


async def test_a_key_kept_as_a_hash_goes_on_and_is_told_of(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    connection = await new_connection(marketing, keys, "google_ads")
    async with marketing_sessions.begin() as session:
        await session.execute(
            text("UPDATE connection_secrets SET sealed = NULL, digest = :digest"),
            {"digest": digest(GOOGLE_KEY)},
        )
    hook = connection["webhook_path"]
    assert (await marketing.post(hook, json=google_lead("1"))).status_code == 200
    assert (await marketing.post(hook, json=google_lead("2", google_key="x" * 24))).status_code == 401
    assert await reseal(marketing_sessions, Sealer(NEW, OLD)) == Resealed(digests=1)


async def test_keys_are_changed_in_three_steps_while_the_doors_are_open(
    marketing_database: str, keys: Keys, marketing_sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resealing, "BATCH", 2)
    old, new, both = Sealer(OLD), Sealer(NEW), Sealer(NEW, OLD)
    async with serving("marketing", marketing_database, keys, monkeypatch) as (app, marketing):
        hook = (await new_connection(marketing, keys, "google_ads"))["webhook_path"]
        for kind in ("meta", "linkedin", "tiktok"):
            await new_connection(marketing, keys, kind)

        async def post(number: str) -> int:
            return (await marketing.post(hook, json=google_lead(number))).status_code

        async def said(sealer: Sealer) -> str | None:
            return await secrets_check(marketing_sessions, sealer)()

        assert (await said(old), await said(both), await said(new)) == (None, None, WRONG_KEY)
        app.state.sealer = new
        assert await post("1") == 503  # the platform keeps it and tries again
        app.state.sealer = both
        assert await post("2") == 200

        assert await reseal(marketing_sessions, new) == Resealed(unopened=7)
        assert await reseal(marketing_sessions, both) == Resealed(anew=7)
        assert await reseal(marketing_sessions, both) == Resealed(already=7)
        assert (await said(old), await said(both), await said(new)) == (WRONG_KEY, None, None)
        app.state.known_sources.forget(hook.rpartition("/")[2])
        app.state.sealer = new
        assert await post("3") == 200


async def test_readiness_says_that_the_key_is_another(
    marketing_database: str, keys: Keys, marketing_sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving("marketing", marketing_database, keys, monkeypatch) as (_, marketing):
        await new_connection(marketing, keys, "meta")
        assert (await marketing.get("/readyz")).json()["checks"]["secrets"] == "ok"
    async with serving("marketing", marketing_database, keys, monkeypatch, SECRETS_KEY=NEW) as (_, marketing):
        ready = await marketing.get("/readyz")
    assert (ready.status_code, ready.json()["checks"]["secrets"]) == (503, WRONG_KEY)


async def test_a_full_pool_is_no_wrong_key(marketing_database: str) -> None:
    engine = create_engine(marketing_database, pool_size=1, application="test")
    sessions = create_sessions(engine)
    async with sessions() as busy:
        await busy.execute(text("SELECT 1"))
        assert await secrets_check(sessions, Sealer(OLD))() is None
    await engine.dispose()
