"""What claims mean: times, audience, who it is, and which roles a provider's names are."""

from typing import Any

import pytest

from shared.auth.access import Role
from shared.auth.claims import check_audience, check_times, credential_of, roles_of, subject_of
from shared.errors import UnauthenticatedError

NOW = 1_764_000_000.0
REP, ADMIN = Role.REP, Role.ADMIN
GOOGLE = {"iss": "https://accounts.google.com", "email_verified": True}
PEOPLE = {"ada@muster.example": {ADMIN}, "eva@gmail.com": {REP}}


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW + 1},
        {"exp": NOW - 4},  # within the leeway
        {"exp": NOW + 1.5, "iat": NOW, "nbf": NOW},
        {"exp": NOW + 90, "iat": NOW + 59, "nbf": NOW + 59},  # a provider's clock ahead of ours
        {"exp": 10**15},
    ],
)
def test_a_token_counts_from_its_begin_to_its_end(claims: dict[str, Any]) -> None:
    assert check_times(claims, NOW) == claims["exp"]


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ({}, "no end"),
        ({"exp": None}, "no end"),
        ({"exp": NOW - 5}, "expired"),
        ({"exp": 0}, "expired"),
        ({"exp": -(10**400)}, "no number"),
        ({"exp": f"{NOW + 60:.0f}"}, "no number"),
        ({"exp": True}, "no number"),
        ({"exp": [NOW + 60]}, "no number"),
        ({"exp": float("inf")}, "no number"),
        ({"exp": float("nan")}, "no number"),
        ({"exp": NOW + 90, "nbf": NOW + 61}, "not yet valid (nbf)"),
        ({"exp": NOW + 90, "iat": NOW + 61}, "not yet valid (iat)"),
        ({"exp": NOW + 90, "iat": "yesterday"}, "iat is no number"),
    ],
)
def test_a_token_of_another_time_is_refused_with_its_reason(claims: dict[str, Any], says: str) -> None:
    with pytest.raises(UnauthenticatedError) as refused:
        check_times(claims, NOW)
    assert says in refused.value.detail


@pytest.mark.parametrize(
    "audience", ["leadloop", ["leadloop"], ["account", "api://leadloop"], [1, "leadloop"]]
)
def test_one_of_our_audiences_is_enough(audience: Any) -> None:
    check_audience({"aud": audience}, ["leadloop", "api://leadloop"])


@pytest.mark.parametrize(
    "audience",
    [
        None,
        "",
        [],
        {},
        1,
        True,
        "lead",
        "leadloop,other",
        "LEADLOOP",
        ["other"],
        [["leadloop"]],
        {"leadloop": 1},
    ],
)
def test_any_other_audience_is_refused(audience: Any) -> None:
    with pytest.raises(UnauthenticatedError, match=r"audience \(aud\); here it is leadloop\."):
        check_audience({"aud": audience, "azp": "leadloop"}, ["leadloop"])


@pytest.mark.parametrize("subject", ["ana", "auth0|64f0", "ana@example.com", "Ünal Ç", "用户", "x" * 255])
def test_a_subject_is_kept_as_it_is(subject: str) -> None:
    assert subject_of({"sub": subject}, "sub") == subject


@pytest.mark.parametrize(
    "subject",
    [
        *(None, "", " ", "\t", "\u00a0", "\u2003", "\u200b", 7, True, ["ana"], {"ana": 1}),
        *("x" * 256, "ana\x00", "ana\nadmin", "ana\x1b[0m", "an\u202ea", "ana\ud800", "\x7f"),
    ],
)
def test_nobody_and_what_cannot_be_shown_are_refused(subject: Any) -> None:
    with pytest.raises(UnauthenticatedError, match="sub"):
        subject_of({"sub": subject}, "sub")


def test_the_subject_is_the_claim_that_was_set() -> None:
    assert subject_of({"sub": "pairwise", "oid": "7d0f"}, "oid") == "7d0f"
    with pytest.raises(UnauthenticatedError, match="its oid is empty"):
        subject_of({"sub": "pairwise"}, "oid")


@pytest.mark.parametrize(
    ("claims", "shown"),
    [
        ({"jti": "a"}, "a"),
        ({"uti": "b"}, "b"),
        ({}, "kid"),
        ({"jti": ""}, "kid"),
        ({"jti": 7, "uti": "b"}, "b"),
        ({"jti": "x" * 256}, "kid"),
        ({"jti": "a\nb"}, "kid"),
    ],
)
def test_what_was_shown_is_named_by_its_id_or_its_key(claims: dict[str, Any], shown: str) -> None:
    assert credential_of(claims, "kid") == shown


SALES = {"Sales": {REP}, "Sales Heads": {ADMIN}}


@pytest.mark.parametrize(
    ("claims", "path", "mapping", "roles"),
    [
        ({"roles": ["rep", "root"]}, "roles", {}, {REP}),
        ({"roles": ["Rep", "ADMIN", " rep"]}, "roles", {}, set()),  # to the letter
        ({"roles": "rep admin"}, "roles", {}, {REP, ADMIN}),
        ({"roles": "rep,admin"}, "roles", {}, {REP, ADMIN}),
        ({"roles": " rep ,\tadmin, "}, "roles", {}, {REP, ADMIN}),
        ({"roles": ["rep admin"]}, "roles", {}, set()),  # a list's names are whole
        ({"roles": {"rep": True}}, "roles", {}, set()),
        ({"roles": [["rep"], {"rep": 1}, 7, None]}, "roles", {}, set()),
        ({"roles": None}, "roles", {}, set()),
        ({}, "roles", {}, set()),
        ({"groups": ["Sales", "rep"]}, "groups", SALES, {REP}),
        ({"groups": ["Sales Heads", "Sales"]}, "groups", SALES, {REP, ADMIN}),
        ({"groups": ["rep", "admin"]}, "groups", SALES, set()),  # only what the mapping names
        ({"groups": "Sales"}, "groups", SALES, {REP}),
        ({"groups": ["sales"]}, "groups", SALES, set()),
        ({"realm_access": {"roles": ["rep"]}}, "realm_access.roles", {}, {REP}),
        ({"realm_access.roles": ["rep"]}, "realm_access.roles", {}, {REP}),
        ({"realm_access": ["roles"], "roles": ["rep"]}, "realm_access.roles", {}, set()),
        ({"resource_access": {"a.b": {"roles": ["rep"]}}}, "resource_access.a.b.roles", {}, {REP}),
        ({"resource_access": {"a": {"b": {"roles": ["rep"]}}}}, "resource_access.a.b.roles", {}, {REP}),
        ({"resource_access": {"account": {"roles": ["rep"]}}}, "resource_access.a.roles", {}, set()),
        ({"https://example.com/roles": ["rep"]}, "https://example.com/roles", {}, {REP}),
        ({"https://example": {"com/roles": ["rep"]}}, "https://example.com/roles", {}, {REP}),
        ({"email": "ada@muster.example"}, "email", PEOPLE, set()),
        ({"email": "ada@muster.example", "email_verified": True}, "email", PEOPLE, {ADMIN}),
        ({"email": "Ada@Muster.Example", "email_verified": True}, "email", PEOPLE, {ADMIN}),
        ({"email": "ada@muster.example", "email_verified": 1}, "email", PEOPLE, set()),
        ({"email": ["ada@muster.example"], "email_verified": True}, "email", PEOPLE, set()),
        ({"email": "x ada@muster.example y", "email_verified": True}, "email", PEOPLE, set()),
        ({"email": "eve@x,ada@muster.example", "email_verified": True}, "email", PEOPLE, set()),
        ({"email": "ada@muster.example\u200b", "email_verified": True}, "email", PEOPLE, set()),
        (
            {"email": "\u212aada@muster.example", "email_verified": True},
            "email",
            {"kada@muster.example": {REP}},
            set(),
        ),
        # Google verified once that somebody reads mail there; `hd` says that they are of the domain.
        ({**GOOGLE, "email": "ada@muster.example"}, "email", PEOPLE, set()),
        ({**GOOGLE, "email": "ada@muster.example", "hd": "evil.example"}, "email", PEOPLE, set()),
        ({**GOOGLE, "email": "ada@muster.example", "hd": "muster.example"}, "email", PEOPLE, {ADMIN}),
        ({**GOOGLE, "email": "eva@gmail.com"}, "email", PEOPLE, {REP}),
        ({**GOOGLE, "iss": "accounts.google.com", "email": "ada@muster.example"}, "email", PEOPLE, set()),
    ],
)
def test_the_providers_names_are_our_roles(
    claims: dict[str, Any], path: str, mapping: dict[str, set[Role]], roles: set[Role]
) -> None:
    found, why_none = roles_of(claims, path, mapping)

    assert found == roles
    assert bool(why_none) == (not roles)


@pytest.mark.parametrize(
    ("claims", "path", "why"),
    [
        ({}, "groups", "missing"),
        ({"groups": []}, "groups", "empty"),
        ({"groups": ["a"]}, "groups", "names nobody known here"),
        ({"_claim_names": {"groups": "src1"}}, "groups", "left the claim out"),
        ({"email": "ada@muster.example"}, "email", "verified"),
        ({}, "email", "no e-mail address"),
        ({**GOOGLE, "email": "ada@muster.example"}, "email", "hd"),
        ({"email": "eve@muster.example", "email_verified": True}, "email", "nobody known here"),
    ],
)
def test_why_nobody_got_a_role_is_said_without_the_claims(
    claims: dict[str, Any], path: str, why: str
) -> None:
    assert why in roles_of(claims, path, PEOPLE)[1]
