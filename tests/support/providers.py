"""Tokens as the usual providers issue them, with the settings of docs/guides/sign-on.md that take them.

The claims are those of the providers' public documentation, the values are ours: learn.microsoft.com/entra
(access token claims reference), developer.okta.com (claims of access tokens, groups claim), auth0.com/docs
(access token profiles), developers.google.com/identity (an ID token's payload), keycloak.org (server guide).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.issuer import EC, ED, PSS, RSA, RSA_ALONE, Issuer, Key, signed

TENANT = "0f6c9f5e-3a54-4c1f-9d1b-5a2f0f6b7c11"
API = "5b1f7a52-8c0f-4f0f-8a86-9a0f3d2f5e77"
CLIENT = "c2a8a2a1-53d8-4a6b-bf5c-6f2a2b0e9f10"
PERSON = "7d0f2b1e-94c5-4f7e-8d8a-2b6a4f1c3e55"
GROUP = "e1c4a8d0-6b7f-4a0e-9a11-3f5d7c9b2a64"
HOUSE = "https://leads.example.com/roles"
GOOGLE_CLIENT = "918273645546-k3m5n7p9.apps.googleusercontent.com"


@dataclass(frozen=True)
class Provider:
    """One provider's token of a rep called `subject`, and the settings that let them in."""

    name: str
    path: str  # of the issuer
    settings: Mapping[str, str]
    claims: Mapping[str, Any]
    subject: str
    key: Key = RSA
    alg: str | None = None
    header: Mapping[str, Any] = field(default_factory=dict)

    def environment(self, issuer: Issuer) -> dict[str, str]:
        """The settings, as they have to be for this issuer; nothing says where its keys are."""
        return {"auth_issuer": issuer.at(self.path), "auth_jwks_url": "", **self.settings}

    def token(self, issuer: Issuer, now: int, **changes: Any) -> str:
        """Such a token; a claim changed to None is left out."""
        usual = {"iss": issuer.at(self.path), "iat": now, "exp": now + 3600}
        claims = {**usual, **self.claims, **changes}
        kept = {name: value for name, value in claims.items() if value is not None}
        return signed(kept, self.key, self.alg, **self.header)


ENTRA_V2 = Provider(
    "Entra ID, v2",
    f"/{TENANT}/v2.0",
    {
        "auth_audience": f"api://{API},{API}",
        "auth_subject_claim": "oid",
        "auth_role_mapping": json.dumps({"Leadloop.Rep": "rep", "Leadloop.Admin": "admin"}),
    },
    {
        "aud": API, "aio": "AXQAi/8WAAAA", "azp": CLIENT, "azpacr": "0", "name": "Ada Nowak", "oid": PERSON,
        "preferred_username": "ada@muster.example", "rh": "1.AXkA", "roles": ["Leadloop.Rep"],
        "scp": "access_as_user", "sub": "Wq3pairwise0Sub", "tid": TENANT, "uti": "q1W2e3R4", "ver": "2.0",
    },
    PERSON,
    RSA_ALONE,
)  # fmt: skip
ENTRA_V1 = Provider(
    "Entra ID, v1",
    f"/{TENANT}/",
    ENTRA_V2.settings,
    {
        "aud": f"api://{API}", "acr": "1", "aio": "E2RgYL", "amr": ["pwd", "mfa"], "appid": CLIENT,
        "appidacr": "0", "family_name": "Nowak", "given_name": "Ada", "ipaddr": "192.0.2.7", "ver": "1.0",
        "name": "Ada Nowak", "oid": PERSON, "rh": "1.AXkA", "roles": ["Leadloop.Rep"],
        "scp": "access_as_user", "sub": "Wq3pairwise", "tid": TENANT,
        "unique_name": "ada@muster.example", "uti": "a9S8",
    },
    PERSON,
    RSA_ALONE,
    header={"x5t": RSA_ALONE.kid},
)  # fmt: skip
ENTRA_GROUPS = Provider(
    "Entra ID, groups",
    ENTRA_V2.path,
    {
        "auth_audience": API,
        "auth_roles_claim": "groups",
        "auth_role_mapping": json.dumps({GROUP: ["rep", "analyst"]}),
    },
    {**ENTRA_V2.claims, "roles": None, "groups": ["3c0d5b8e-0000-4000-8000-000000000000", GROUP]},
    "Wq3pairwise0Sub",
    RSA_ALONE,
)
OKTA = Provider(
    "Okta, custom authorization server",
    "/oauth2/default",
    {
        "auth_audience": "api://default",
        "auth_subject_claim": "uid",
        "auth_roles_claim": "groups",
        "auth_role_mapping": json.dumps({"Leadloop Reps": "rep"}),
    },
    {
        "ver": 1, "jti": "AT.Yh3kT9", "aud": "api://default", "cid": "0oa1b2c3", "uid": "00u7x8y9",
        "scp": ["openid", "profile"], "auth_time": 1764000000, "sub": "ada@muster.example",
        "groups": ["Everyone", "Leadloop Reps"],
    },
    "00u7x8y9",
    header={"typ": None},
)  # fmt: skip
AUTH0 = Provider(
    "Auth0",
    "/",
    {"auth_audience": "https://leads.example.com/", "auth_roles_claim": HOUSE},
    {
        "sub": "auth0|64f0c2d1", "aud": ["https://leads.example.com/", "https://muster.eu.auth0.example/userinfo"],
        "azp": "Kx2lient", "scope": "openid profile", "permissions": [], HOUSE: ["rep"],
    },
    "auth0|64f0c2d1",
)  # fmt: skip
AUTH0_RFC_9068 = Provider(
    "Auth0, profile of RFC 9068",
    "/",
    AUTH0.settings,
    {**AUTH0.claims, "azp": None, "client_id": "Kx2lient", "jti": "Zt8v"},
    "auth0|64f0c2d1",
    header={"typ": "at+jwt"},
)
GOOGLE = Provider(
    "Google, ID token",
    "",
    {
        "auth_audience": GOOGLE_CLIENT,
        "auth_roles_claim": "email",
        "auth_role_mapping": json.dumps({"Ada@Muster.example": "rep"}),
    },
    {
        "azp": GOOGLE_CLIENT, "aud": GOOGLE_CLIENT, "sub": "110248495921238986420", "hd": "muster.example",
        "email": "ada@muster.example", "email_verified": True, "at_hash": "HK6E_P6Dh8Y93mRNtsDB1Q",
        "nonce": "n-0S6_WzA2Mj", "name": "Ada Nowak", "given_name": "Ada", "family_name": "Nowak",
    },
    "110248495921238986420",
)  # fmt: skip
GOOGLE_DOMAIN = Provider(
    "Google, everybody of a domain",
    "",
    {
        "auth_audience": GOOGLE_CLIENT,
        "auth_roles_claim": "hd",
        "auth_role_mapping": json.dumps({"muster.example": "rep"}),
    },
    GOOGLE.claims,
    GOOGLE.subject,
)
_OF_KEYCLOAK = {
    "auth_time": 1764000000, "jti": "onrtac:5f0f", "aud": ["leadloop", "account"], "sub": PERSON,
    "typ": "Bearer", "azp": "console", "sid": "c7b0", "acr": "1", "allowed-origins": ["https://console.example"],
    "realm_access": {"roles": ["default-roles-house", "offline_access", "rep"]},
    "resource_access": {
        "leadloop.eu": {"roles": ["sales"]},
        "account": {"roles": ["manage-account", "view-profile"]},
    },
    "scope": "openid email profile", "email_verified": True, "name": "Ada Nowak",
    "preferred_username": "ada", "given_name": "Ada", "family_name": "Nowak", "email": "ada@muster.example",
}  # fmt: skip
KEYCLOAK = Provider(
    "Keycloak, roles of the realm",
    "/realms/house",
    {"auth_roles_claim": "realm_access.roles"},
    _OF_KEYCLOAK,
    PERSON,
)
KEYCLOAK_CLIENT = Provider(
    "Keycloak, roles of a client",
    "/realms/house",
    {
        "auth_roles_claim": "resource_access.leadloop.eu.roles",
        "auth_role_mapping": json.dumps({"sales": "rep"}),
    },
    _OF_KEYCLOAK,
    PERSON,
    PSS,
)
KEYCLOAK_EC = Provider("Keycloak, ES256", "/realms/house", KEYCLOAK.settings, _OF_KEYCLOAK, PERSON, EC)
KEYCLOAK_ED = Provider("Keycloak, EdDSA", "/realms/house", KEYCLOAK.settings, _OF_KEYCLOAK, PERSON, ED)
PSS_OF_ANY = Provider(
    "PS256 with a key that names no algorithm",
    "/realms/house",
    KEYCLOAK.settings,
    _OF_KEYCLOAK,
    PERSON,
    RSA_ALONE,
    "PS256",
)
PROVIDERS = (
    ENTRA_V2, ENTRA_V1, ENTRA_GROUPS, OKTA, AUTH0, AUTH0_RFC_9068, GOOGLE, GOOGLE_DOMAIN,
    KEYCLOAK, KEYCLOAK_CLIENT, KEYCLOAK_EC, KEYCLOAK_ED, PSS_OF_ANY,
)  # fmt: skip
