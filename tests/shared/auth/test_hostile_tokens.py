"""Tokens made to get in: each is refused, with a reason, and nothing that they name is ever fetched."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import pytest
from httpx import AsyncClient, Response

from shared.auth import tokens
from tests.shared.auth.forgeries import FORGERIES, STRANGER, Forgery, claims
from tests.shared.http import things
from tests.support.issuer import EC, ED, KEYS, PSS, RSA, RSA_ALONE, WELL_KNOWN, Issuer, Key, signed
from tests.support.keys import Keys


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with Issuer() as running:
        yield running


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Issuer]:
    """A server of whoever made the token, with keys that would fit."""
    with Issuer() as running:
        yield running


@pytest.fixture(scope="module")
async def door(things_database: str, keys: Keys, issuer: Issuer) -> AsyncIterator[AsyncClient]:
    app, _ = things.make_service(things_database, keys, auth_issuer=issuer.at(), auth_jwks_url="")
    async with things.client_of(app) as client:
        yield client


async def shown(door: AsyncClient, token: str) -> Response:
    headers = {"Authorization": f"Bearer {token}"}
    return await door.post("/v1/things", json={"name": f"{time.monotonic_ns()}"}, headers=headers)


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery.name)
async def test_what_was_made_to_get_in_is_refused_with_its_reason(
    door: AsyncClient, issuer: Issuer, forgery: Forgery
) -> None:
    answer = await shown(door, forgery.make(issuer))

    assert answer.status_code == 401, answer.text
    detail = answer.json()["detail"]
    assert forgery.says in detail
    assert answer.headers["www-authenticate"].startswith('Bearer error="invalid_token", error_description="')
    for secret in ("ana", "eve", "evil", "script", "SELECT", "rsa-1", "pairwise"):
        assert secret not in detail


@pytest.mark.parametrize("key", [RSA, RSA_ALONE, PSS, EC, ED], ids=lambda key: key.kid)
@pytest.mark.parametrize("typ", ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt", None])
async def test_the_door_opens_at_all(door: AsyncClient, issuer: Issuer, key: Key, typ: str | None) -> None:
    answer = await shown(door, signed(claims(issuer), key, typ=typ))

    assert (answer.status_code, answer.json().get("by")) == (201, "ana")


async def test_keys_and_addresses_in_a_header_are_never_looked_at(
    door: AsyncClient, issuer: Issuer, elsewhere: Issuer
) -> None:
    elsewhere.publish(STRANGER)
    address = elsewhere.at(KEYS)
    for header in ({"jku": address}, {"x5u": address}, {"jwk": STRANGER.public}, {"x5c": ["MIIB"]}):
        by_stranger = await shown(door, signed(claims(issuer), STRANGER, **header))
        under_our_key = await shown(door, signed(claims(issuer), STRANGER, kid=RSA.kid, **header))
        by_provider = await shown(door, signed(claims(issuer), RSA, **header))

        assert (by_stranger.status_code, under_our_key.status_code) == (401, 401)
        assert by_provider.status_code == 201  # what else stands there does no harm

    assert elsewhere.asked == []


async def test_a_token_of_another_issuer_is_not_asked_for_there(
    door: AsyncClient, issuer: Issuer, elsewhere: Issuer
) -> None:
    answer = await shown(door, signed(claims(issuer, iss=elsewhere.at()), STRANGER))

    assert answer.status_code == 401
    assert f"here it is {issuer.at()}." in answer.json()["detail"]
    assert elsewhere.at() not in answer.text
    assert elsewhere.asked == []


@pytest.mark.parametrize("key", [RSA, EC, ED, Key("sales"), Key("sales", "ES256")], ids=lambda key: key.alg)
async def test_a_service_is_known_by_its_own_kind_of_key_only(
    door: AsyncClient, issuer: Issuer, key: Key
) -> None:
    """The provider's keys are good for people, whatever its tokens say of services."""
    told = claims(issuer, iss="leadloop:sales", sub="sales", aud="handoff")
    headers = {"Authorization": f"Bearer {signed(told, key, kid='sales')}"}

    assert (await door.post("/v1/closed", headers=headers)).status_code == 401


async def test_a_key_of_a_service_is_good_for_no_person(
    door: AsyncClient, keys: Keys, issuer: Issuer
) -> None:
    token = tokens.sign(keys._read("sales.jwk"), claims(issuer))

    assert (await shown(door, token)).status_code == 401


async def test_a_withdrawn_key_ends_with_what_is_remembered_of_it(things_database: str, keys: Keys) -> None:
    with Issuer() as issuer:
        app, _ = things.make_service(things_database, keys, auth_issuer=issuer.at(), auth_jwks_url="")
        async with things.client_of(app) as client:
            token = signed(claims(issuer), RSA)
            assert (await shown(client, token)).status_code == 201
            issuer.publish(EC)
            app.state.edge.authenticator.forget()
            app.state.edge.authenticator._people._fetched -= 1000
            app.state.edge.authenticator._people._tried -= 1000

            assert (await shown(client, token)).status_code == 401
            assert (await shown(client, signed(claims(issuer), EC))).status_code == 201


async def test_a_provider_that_is_away_is_no_reason_not_to_be_ready(things_database: str, keys: Keys) -> None:
    with Issuer() as issuer:
        issuer.answers[WELL_KNOWN] = (503, b"")
        app, _ = things.make_service(things_database, keys, auth_issuer=issuer.at(), auth_jwks_url="")
        async with things.client_of(app) as client:
            await asyncio.to_thread(
                issuer.wait_until_asked, 1, WELL_KNOWN
            )  # at the start, before anybody comes
            refused = await shown(client, signed(claims(issuer), RSA))
            ready = await client.get("/readyz")

    assert (refused.status_code, ready.status_code) == (503, 200)
    assert "answered 503" in refused.json()["detail"]
    assert int(refused.headers["retry-after"]) > 0
    assert ready.json()["details"]["sign_on"]["people"] == {"keys": 0, "problem": "answered 503"}
    assert ready.json()["details"]["sign_on"]["services"]["keys"] == 3
