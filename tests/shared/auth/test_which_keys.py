"""Which keys of a set count, and for which algorithms: the key decides, not the token."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from shared.auth import tokens
from shared.auth.key_sets import KeySet, keys_of
from shared.auth.tokens import ALGORITHMS, read
from tests.shared.auth.test_key_sets import by_address, of, refusal
from tests.support.issuer import (
    EC,
    ED,
    KEYS,
    ODD,
    P_384,
    PSS,
    RSA,
    RSA_ALONE,
    WEAK,
    Issuer,
    Key,
    signed,
)

OTHER = Key("rsa-other")


def said_of(entry: Any) -> str:
    """What a key says of itself, without its random numbers: the name of its test in every process."""
    if not isinstance(entry, dict):
        return json.dumps(entry)
    return json.dumps({name: told for name, told in entry.items() if name not in ("n", "x", "y")})


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with Issuer() as running:
        yield running


@pytest.mark.parametrize(
    ("key", "alg"),
    [
        (RSA, "RS256"),
        (RSA_ALONE, "RS256"),
        (RSA_ALONE, "PS256"),
        (PSS, "PS256"),
        (EC, "ES256"),
        (ED, "EdDSA"),
    ],
)
async def test_a_key_signs_with_its_algorithms_among_odd_neighbours(
    issuer: Issuer, key: Key, alg: str
) -> None:
    await by_address(issuer).verify(of(key, alg))


@pytest.mark.parametrize(("key", "alg"), [(RSA, "PS256"), (PSS, "RS256")])
async def test_a_key_that_names_its_algorithm_is_used_with_no_other(
    issuer: Issuer, key: Key, alg: str
) -> None:
    """The signature is genuine, so nothing but the key's own word stands against it."""
    assert (
        await refusal(by_address(issuer), of(key, alg)) == f"The key that the token names is not for {alg}."
    )


@pytest.mark.parametrize(("used", "named"), [(RSA, EC), (EC, RSA), (ED, EC), (RSA, ED), (EC, RSA_ALONE)])
async def test_a_key_of_another_kind_is_not_used_whatever_the_token_names(
    issuer: Issuer, used: Key, named: Key
) -> None:
    token = read(signed({"iss": "i"}, used, kid=named.kid))

    assert "is not for" in await refusal(by_address(issuer), token)


async def test_fewer_algorithms_may_be_allowed(issuer: Issuer) -> None:
    keys = KeySet("people", issuer.at(KEYS), ("ES256", "PS256"))
    await keys.verify(of(EC))
    await keys.verify(of(RSA_ALONE, "PS256"))

    assert await refusal(keys, of(RSA)) == "The token is signed with RS256; taken here: ES256, PS256."


@pytest.mark.parametrize(
    "entry",
    [
        *ODD,
        Key("a", entry={"use": "enc"}).public,
        Key("a", entry={"use": None, "key_ops": ["encrypt"]}).public,
        Key("a", entry={"key_ops": "verify it"}).public,
        Key("a", entry={"alg": "RSA-OAEP"}).public,
        Key("a", entry={"alg": "HS256"}).public,
        Key("a", entry={"alg": ["RS256"]}).public,
        Key("a", entry={"kid": ""}).public,
        Key("a", entry={"kid": None}).public,
        Key("a", entry={"n": None, "x5c": ["MII"]}).public,
        WEAK.public,
        P_384.public,
        {**EC.public, "alg": "RS256"},
        {**RSA.public, "kty": "EC", "crv": "P-256"},
    ],
    ids=said_of,
)  # fmt: skip
def test_an_odd_key_is_left_out_and_spoils_no_other(entry: Any) -> None:
    found = list(keys_of({"keys": [entry, ED.public, entry]}, ALGORITHMS))

    assert [(key.kid, key.algorithms) for key in found] == [(ED.kid, ("EdDSA",))]


def test_a_private_key_in_a_set_counts_by_its_public_part() -> None:
    private = tokens.new_key("one")
    found = list(keys_of({"keys": [private]}, ALGORITHMS))

    assert found[0].has_signed(read(tokens.sign(private, {"iss": "i"})))
    assert not hasattr(found[0].key, "sign")


async def test_two_keys_of_one_id_are_both_asked(issuer: Issuer) -> None:
    """RFC 7517, section 4.5 lets a set have them, if they are of different kinds."""
    issuer.entries = [{**key.public, "kid": "same"} for key in (RSA, EC, OTHER)]
    keys = by_address(issuer)

    for key in (RSA, EC, OTHER):
        await keys.verify(read(signed({"iss": "i"}, key, kid="same")))
    assert "not of the key" in await refusal(keys, read(signed({"iss": "i"}, RSA_ALONE, kid="same")))


@pytest.mark.parametrize("keys", [(), (WEAK, P_384)])
async def test_a_set_without_a_usable_key_says_so(issuer: Issuer, keys: tuple[Key, ...]) -> None:
    issuer.publish(*keys)

    assert "was fetched, and none of its keys may be used here" in await refusal(by_address(issuer), of(RSA))


def test_a_key_for_an_algorithm_that_is_not_allowed_is_no_key_here() -> None:
    found = keys_of({"keys": [RSA.public, RSA_ALONE.public, ED.public]}, ("PS256", "EdDSA"))

    assert [(key.kid, key.algorithms) for key in found] == [(RSA_ALONE.kid, ("PS256",)), (ED.kid, ("EdDSA",))]
