"""Tokens shaped as Entra ID, Okta, Auth0, Google and Keycloak issue them sign in to a running service."""

import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import pytest
from httpx import AsyncClient, Response

from shared.auth.access import Caller, Role
from tests.shared.http import things
from tests.support import providers
from tests.support.issuer import KEYS, WELL_KNOWN, Issuer
from tests.support.keys import Keys
from tests.support.providers import PROVIDERS, Provider


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with Issuer() as running:
        yield running


@asynccontextmanager
async def signing_on(
    database: str, keys: Keys, issuer: Issuer, provider: Provider, **settings: str
) -> AsyncIterator[AsyncClient]:
    """A client of a service whose people sign on at this provider."""
    app, _ = things.make_service(database, keys, **{**provider.environment(issuer), **settings})
    async with things.client_of(app) as client:
        yield client


async def post(client: AsyncClient, token: str) -> Response:
    headers = {"Authorization": f"Bearer {token}"}
    return await client.post("/v1/things", json={"name": f"{time.monotonic_ns()}"}, headers=headers)


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
async def test_people_of_a_provider_sign_in_with_its_settings(
    things_database: str, keys: Keys, issuer: Issuer, provider: Provider
) -> None:
    async with signing_on(things_database, keys, issuer, provider) as client:
        answer = await post(client, provider.token(issuer, int(time.time())))

    assert (answer.status_code, answer.json().get("by")) == (201, provider.subject), answer.text
    assert provider.path.rstrip("/") + WELL_KNOWN in issuer.asked
    assert KEYS in issuer.asked


class Refused(NamedTuple):
    """What is changed in a provider's token, and what the answer says then."""

    provider: Provider
    changes: Mapping[str, Any]
    status: int
    says: str


TENANT_OF_ANOTHER = "http://127.0.0.1:9/11111111-0000-4000-8000-000000000000/v2.0"
REFUSED = (
    Refused(providers.ENTRA_V2, {"aud": "00000003-0000-0000-c000-000000000000"}, 401, "another audience"),
    Refused(providers.ENTRA_V2, {"iss": TENANT_OF_ANOTHER}, 401, "another issuer"),
    Refused(providers.ENTRA_V2, {"oid": None}, 401, "its oid is empty"),
    Refused(providers.ENTRA_V2, {"roles": None}, 403, "AUTH_ROLES_CLAIM"),
    # Mapped names are the only ones then: the provider's own `admin` may be anybody's.
    Refused(providers.ENTRA_V2, {"roles": ["rep", "admin"]}, 403, "AUTH_ROLES_CLAIM"),
    Refused(
        providers.ENTRA_GROUPS,
        {"groups": None, "_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://g"}}},
        403,
        "AUTH_ROLES_CLAIM",
    ),
    Refused(providers.OKTA, {"groups": ["Everyone"]}, 403, "AUTH_ROLES_CLAIM"),
    Refused(providers.AUTH0, {"aud": ["https://muster.eu.auth0.example/userinfo"]}, 401, "another audience"),
    Refused(providers.AUTH0, {providers.HOUSE: None, "roles": ["rep"]}, 403, "AUTH_ROLES_CLAIM"),
    Refused(providers.GOOGLE, {"email_verified": False}, 403, "AUTH_ROLES_CLAIM"),
    Refused(providers.GOOGLE, {"email_verified": "true"}, 403, "AUTH_ROLES_CLAIM"),
    Refused(providers.GOOGLE, {"email": "eve@muster.example"}, 403, "AUTH_ROLES_CLAIM"),
    Refused(providers.GOOGLE, {"email": '"a ada@muster.example b"@evil.example'}, 403, "AUTH_ROLES_CLAIM"),
    Refused(providers.GOOGLE_DOMAIN, {"hd": None}, 403, "AUTH_ROLES_CLAIM"),
    # Keycloak without the mapper that puts our audience in: whom it was issued to is no audience.
    Refused(providers.KEYCLOAK, {"aud": "account", "azp": "leadloop"}, 401, "another audience"),
    Refused(providers.KEYCLOAK, {"aud": None, "azp": "leadloop"}, 401, "no audience"),
    Refused(providers.KEYCLOAK, {"realm_access": {"roles": ["offline_access"]}}, 403, "AUTH_ROLES_CLAIM"),
    Refused(providers.KEYCLOAK, {"realm_access": None, "roles": ["rep"]}, 403, "AUTH_ROLES_CLAIM"),
    Refused(
        providers.KEYCLOAK_CLIENT,
        {"resource_access": {"account": {"roles": ["sales"]}}},
        403,
        "AUTH_ROLES_CLAIM",
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    "case", REFUSED, ids=lambda case: f"{case.provider.name}: {json.dumps(case.changes)}"
)
async def test_what_a_provider_did_not_say_is_not_believed(
    things_database: str, keys: Keys, issuer: Issuer, case: Refused
) -> None:
    async with signing_on(things_database, keys, issuer, case.provider) as client:
        answer = await post(client, case.provider.token(issuer, int(time.time()), **case.changes))

    assert answer.status_code == case.status, answer.text
    assert case.says in answer.json()["detail"]


async def test_the_token_itself_is_the_credential_that_is_named(
    things_database: str, keys: Keys, issuer: Issuer
) -> None:
    """Okta and Auth0 call its id `jti`, Entra ID `uti`; without one the key is named."""
    shown = [
        (providers.OKTA, "AT.Yh3kT9"),
        (providers.ENTRA_V2, "q1W2e3R4"),
        (providers.AUTH0, providers.AUTH0.key.kid),
    ]
    for provider, named in shown:
        app, _ = things.make_service(things_database, keys, **provider.environment(issuer))
        async with things.client_of(app):
            headers = {"authorization": f"Bearer {provider.token(issuer, int(time.time()))}"}
            caller = await app.state.edge.authenticator.caller(headers)
        assert caller == Caller("person", provider.subject, frozenset({Role.REP}), credential=named)


async def test_the_groups_of_entra_give_every_role_they_are_mapped_to(
    things_database: str, keys: Keys, issuer: Issuer
) -> None:
    provider = providers.ENTRA_GROUPS
    app, _ = things.make_service(things_database, keys, **provider.environment(issuer))
    async with things.client_of(app):
        headers = {"authorization": f"Bearer {provider.token(issuer, int(time.time()))}"}
        caller = await app.state.edge.authenticator.caller(headers)

    assert caller.roles == {Role.REP, Role.ANALYST}


async def test_keys_that_are_named_win_over_those_that_would_be_found(
    things_database: str, keys: Keys
) -> None:
    """A provider without a discovery document, or one that is reached elsewhere than its name says."""
    with Issuer() as issuer:
        issuer.answers[WELL_KNOWN] = (404, b"")
        settings = {"auth_issuer": "https://idp.muster.example", "auth_jwks_url": issuer.at(KEYS)}
        async with signing_on(things_database, keys, issuer, providers.KEYCLOAK, **settings) as client:
            token = providers.KEYCLOAK.token(issuer, int(time.time()), iss="https://idp.muster.example")
            answer = await post(client, token)

        assert answer.status_code == 201
        assert set(issuer.asked) == {KEYS}
