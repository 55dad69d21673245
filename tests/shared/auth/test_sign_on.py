"""The settings of the sign-on: what they mean, and what stops the start, by name."""

from typing import Any

import pytest

from shared.auth.access import Role
from shared.auth.sign_on import SignOn
from shared.settings import CommonSettings, SettingsError

ISSUER = "https://login.muster.example/realms/house"


def of(**settings: Any) -> SignOn:
    return SignOn.of(CommonSettings(**{"auth_issuer": ISSUER, **settings}))


def test_an_issuer_is_all_that_has_to_be_set() -> None:
    sign_on = of()

    assert (sign_on.issuer, sign_on.issuer_to_ask, sign_on.jwks_url) == (ISSUER, ISSUER, "")
    assert sign_on.algorithms == ("RS256", "PS256", "ES256", "EdDSA")
    assert (sign_on.audiences, sign_on.subject_claim) == (("leadloop",), "sub")
    assert (sign_on.roles_claim, sign_on.roles) == ("roles", {})


def test_an_address_of_keys_is_asked_instead_of_the_issuer() -> None:
    sign_on = of(auth_issuer="any-name", auth_jwks_url="file:///etc/keys.json")

    assert (sign_on.issuer_to_ask, sign_on.jwks_url) == (None, "file:///etc/keys.json")


def test_lists_have_commas_and_names_have_a_role_or_several() -> None:
    sign_on = of(
        auth_audience=" api://leads , 5b1f7a52,,api://leads ",
        auth_algorithms="ES256, RS256",
        auth_role_mapping='{"Sales": "rep", "Heads": ["admin", "analyst"]}',
    )

    assert sign_on.audiences == ("api://leads", "5b1f7a52")
    assert sign_on.algorithms == ("ES256", "RS256")
    assert sign_on.roles == {"Sales": {Role.REP}, "Heads": {Role.ADMIN, Role.ANALYST}}


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"auth_issuer": ""}, "Set AUTH_ISSUER"),
        ({"auth_issuer": "any-name"}, "Set AUTH_JWKS_URL"),
        ({"auth_issuer": "leadloop:a", "auth_jwks_url": "file:///k"}, "AUTH_ISSUER can't begin"),
        ({"auth_issuer": "https://login.microsoftonline.com/{tenantid}/v2.0"}, "AUTH_ISSUER .* one tenant"),
        ({"auth_issuer": "https://login.microsoftonline.com/common/v2.0"}, "AUTH_ISSUER .* one tenant"),
        ({"auth_issuer": "https://login.microsoftonline.com/organizations"}, "AUTH_ISSUER .* one tenant"),
        ({"auth_issuer": "https:///realms/house"}, "AUTH_ISSUER .* an address"),
        ({"auth_issuer": f"{ISSUER}?tenant=1"}, "AUTH_ISSUER .* without"),
        ({"auth_issuer": f"{ISSUER}#a"}, "AUTH_ISSUER .* without"),
        ({"auth_jwks_url": "ftp://login.example/keys"}, "AUTH_JWKS_URL"),
        ({"auth_jwks_url": "/etc/keys.json"}, "AUTH_JWKS_URL"),
        ({"auth_audience": " , "}, "AUTH_AUDIENCE is empty"),
        ({"auth_algorithms": ","}, "AUTH_ALGORITHMS is empty"),
        ({"auth_algorithms": "RS256,HS256"}, "AUTH_ALGORITHMS"),
        ({"auth_algorithms": "none"}, "AUTH_ALGORITHMS"),
        ({"auth_algorithms": "rs256"}, "AUTH_ALGORITHMS"),
        ({"auth_subject_claim": "email"}, "AUTH_SUBJECT_CLAIM"),
        ({"auth_subject_claim": "preferred_username"}, "AUTH_SUBJECT_CLAIM"),
        ({"auth_roles_claim": "name"}, "AUTH_ROLES_CLAIM"),
        ({"auth_roles_claim": "x" * 201}, "AUTH_ROLES_CLAIM"),
        ({"auth_roles_claim": "email"}, "AUTH_ROLES_CLAIM=email needs AUTH_ROLE_MAPPING"),
        ({"auth_roles_claim": "email", "auth_role_mapping": '{"A": "rep"}'}, "AUTH_ROLE_MAPPING .* e-mail"),
        ({"auth_role_mapping": "Sales=rep"}, "AUTH_ROLE_MAPPING is no JSON"),
        ({"auth_role_mapping": "[" * 100_000}, "AUTH_ROLE_MAPPING is no JSON"),
        ({"auth_role_mapping": '["rep"]'}, "AUTH_ROLE_MAPPING has to be a JSON object"),
        ({"auth_role_mapping": '{"Sales": "seller"}'}, "AUTH_ROLE_MAPPING gives 'Sales' .*finance"),
        ({"auth_role_mapping": '{"Sales": []}'}, "AUTH_ROLE_MAPPING gives 'Sales'"),
        ({"auth_role_mapping": '{"Sales": ["rep", "boss"]}'}, "AUTH_ROLE_MAPPING gives 'Sales'"),
        ({"auth_role_mapping": '{"Sales": {"rep": 1}}'}, "AUTH_ROLE_MAPPING gives 'Sales'"),
        ({"auth_role_mapping": '{"Sales": null}'}, "AUTH_ROLE_MAPPING gives 'Sales'"),
    ],
    ids=str,
)  # fmt: skip
def test_what_makes_no_sense_stops_the_start_by_name(settings: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        of(**settings)


def test_addresses_are_compared_without_regard_to_capitals() -> None:
    sign_on = of(auth_roles_claim="email", auth_role_mapping='{"Ada@Muster.example": "rep"}')

    assert sign_on.roles == {"ada@muster.example": {Role.REP}}


@pytest.mark.parametrize(
    ("settings", "in_the_open"),
    [
        ({}, False),
        ({"auth_issuer": "http://keycloak:8080/realms/house"}, True),
        ({"auth_issuer": "http://127.0.0.1:8080/realms/house"}, False),
        ({"auth_issuer": "http://[::1]:8080"}, False),
        ({"auth_jwks_url": "http://login.muster.example/keys"}, True),
        ({"auth_issuer": "http://keycloak:8080", "auth_jwks_url": "file:///etc/keys.json"}, False),
    ],
    ids=str,
)
def test_keys_that_travel_without_tls_are_known_to(settings: dict[str, str], in_the_open: bool) -> None:
    assert of(**settings).in_the_open is in_the_open
