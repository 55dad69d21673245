"""Who is calling, and default-deny."""

import json
import time
from typing import Any

import jwt
import pytest
from httpx import AsyncClient

from shared.auth import tokens
from shared.http.service import Service
from tests.support.keys import Keys

BODY = {"name": "one"}


async def status(client: AsyncClient, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return (await client.post("/v1/things", json=BODY, headers=headers)).status_code


def forged(keys: Keys, **claims: Any) -> dict[str, Any]:
    now = int(time.time())
    usual = {"iss": "https://login.example.test", "aud": "leadloop", "sub": "x", "roles": ["rep"]}
    return {**usual, "iat": now, "exp": now + 60, **claims}


async def test_nobody_is_asked_for_a_token(client: AsyncClient) -> None:
    response = await client.post("/v1/things", json=BODY)

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer not.a.token", "Bearer sk_no"]
)
async def test_what_is_no_credential_is_refused(client: AsyncClient, header: str) -> None:
    response = await client.post("/v1/things", json=BODY, headers={"Authorization": header})

    assert response.status_code == 401


async def test_the_caller_is_checked_before_the_body_is_read(client: AsyncClient) -> None:
    assert (await client.post("/v1/things", content=b"{" * 100_000)).status_code == 401


async def test_a_role_that_is_not_enough_is_refused(client: AsyncClient, keys: Keys) -> None:
    response = await client.post("/v1/things", json=BODY, headers=keys.as_("analyst"))

    assert response.status_code == 403
    assert "the role rep" in response.json()["detail"]
    assert "AUTH_" not in response.json()["detail"]


async def test_roles_that_do_not_exist_are_nobody_and_the_log_says_why(
    client: AsyncClient, keys: Keys, capsys: pytest.CaptureFixture[str]
) -> None:
    headers = {"Authorization": f"Bearer {keys.token('root', 'superuser')}"}
    response = await client.post("/v1/things", json=BODY, headers=headers)

    assert response.status_code == 403
    assert "administrators look at AUTH_ROLES_CLAIM and AUTH_ROLE_MAPPING" in response.json()["detail"]
    logged = capsys.readouterr().out
    assert "the claim names nobody known here" in logged
    assert "superuser" not in logged


@pytest.mark.parametrize("subject", ["", " ", "\t", "ana\x00", "x" * 256])
async def test_an_empty_subject_is_nobody(client: AsyncClient, keys: Keys, subject: str) -> None:
    assert await status(client, keys.token("rep", subject=subject)) == 401


async def test_a_refusal_says_why_in_its_header_too(client: AsyncClient, keys: Keys) -> None:
    """RFC 6750, section 3: the reason for a credential that is not good; none for whoever showed none."""
    headers = {"Authorization": f"Bearer {keys.token('rep', exp=1)}"}
    expired = await client.post("/v1/things", json=BODY, headers=headers)
    unknown = await client.post("/v1/things", json=BODY, headers={"Authorization": "Bearer sk_no"})

    assert expired.json()["detail"] == "The token has expired. Get a new one."
    challenge = 'Bearer error="invalid_token", error_description='
    assert expired.headers["www-authenticate"] == f'{challenge}"The token has expired. Get a new one."'
    assert unknown.headers["www-authenticate"] == f'{challenge}"The API key is unknown, revoked or expired."'


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.example.test"},
        {"aud": "another"},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"nbf": 4_000_000_000},
    ],
)
async def test_a_token_for_another_time_or_place_is_refused(
    client: AsyncClient, keys: Keys, claims: dict[str, Any]
) -> None:
    kept = {name: value for name, value in forged(keys, **claims).items() if value is not None}

    assert await status(client, tokens.sign(keys._read("people.jwk"), kept)) == 401


async def test_a_token_signed_by_a_stranger_is_refused(client: AsyncClient, keys: Keys) -> None:
    stranger = tokens.new_key("people-1")

    assert await status(client, tokens.sign(stranger, forged(keys))) == 401


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
async def test_no_other_algorithm_is_taken(client: AsyncClient, keys: Keys, algorithm: str) -> None:
    """The classic forgery: a MAC with the public key as its secret, or no signature at all."""
    public_key = json.loads((keys.folder / "people.jwks").read_text())["keys"][0]["x"]
    secret = "" if algorithm == "none" else public_key.ljust(64, "=")

    token = jwt.encode(forged(keys), secret, algorithm=algorithm, headers={"kid": "people-1"})

    assert await status(client, token) == 401


@pytest.mark.parametrize(("lives", "longest"), [(2, 7), (600, 60)])
async def test_a_good_token_is_remembered_for_a_minute_and_never_past_its_end(
    client: AsyncClient, service: Service, keys: Keys, lives: int, longest: int
) -> None:
    token = keys.token("rep", exp=int(time.time()) + lives)
    assert await status(client, token) == 201

    _, until = service.state.edge.authenticator._remembered[token]
    assert until - time.monotonic() <= longest


async def test_a_service_is_known_by_its_token(client: AsyncClient, keys: Keys) -> None:
    response = await client.post("/v1/closed", headers=keys.as_service("sales", "handoff"))

    assert response.json() == {"caller": "sales"}


async def test_a_service_token_for_another_service_is_refused(client: AsyncClient, keys: Keys) -> None:
    response = await client.post("/v1/closed", headers=keys.as_service("sales", "marketing"))

    assert response.status_code == 401


async def test_a_service_that_was_not_named_is_refused(client: AsyncClient, keys: Keys) -> None:
    response = await client.post("/v1/closed", headers=keys.as_service("marketing", "handoff"))

    assert response.status_code == 403


async def test_a_service_can_not_sign_in_the_name_of_another(client: AsyncClient, keys: Keys) -> None:
    token = tokens.sign_for_service(
        keys._read("marketing.jwk"), caller="sales", callee="handoff", now=time.time()
    )

    response = await client.post("/v1/closed", headers={"Authorization": f"Bearer {token}"})

    assert response.status_code == 401


async def test_a_service_token_of_an_hour_is_refused(client: AsyncClient, keys: Keys) -> None:
    now = int(time.time())
    claims = {"iss": "leadloop:sales", "sub": "sales", "aud": "handoff", "iat": now, "exp": now + 3600}
    token = tokens.sign(keys._read("sales.jwk"), claims)

    response = await client.post("/v1/closed", headers={"Authorization": f"Bearer {token}"})

    assert response.status_code == 401
