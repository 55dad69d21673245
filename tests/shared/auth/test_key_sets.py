"""Sets of public keys: found, fetched, remembered, and fetched again when they changed."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.auth.key_addresses import KeySetError, address_in
from shared.auth.key_sets import KeySet
from shared.auth.tokens import ALGORITHMS, UnverifiedToken, read
from shared.errors import UnauthenticatedError, UnavailableError
from tests.support.issuer import (
    EC,
    ED,
    KEYS,
    RSA,
    WELL_KNOWN,
    Issuer,
    Key,
    signed,
)

REALM = "/realms/house"
OTHER = Key("rsa-other")


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with Issuer() as running:
        yield running


def by_address(issuer: Issuer) -> KeySet:
    return KeySet("people", issuer.at(KEYS), ALGORITHMS)


def by_discovery(issuer: Issuer, path: str = REALM) -> KeySet:
    return KeySet("people", "", ALGORITHMS, issuer=issuer.at(path))


def of(key: Key, alg: str | None = None) -> UnverifiedToken:
    return read(signed({"iss": "i"}, key, alg))


def later(keys: KeySet, seconds: float = 1000) -> None:
    """As if so much time had gone by."""
    keys._fetched -= seconds
    keys._tried -= seconds


async def refusal(keys: KeySet, token: UnverifiedToken) -> str:
    with pytest.raises(UnauthenticatedError) as refused:
        await keys.verify(token)
    return refused.value.detail


@pytest.mark.parametrize("path", ["", "/", REALM, f"{REALM}/"])
async def test_an_issuer_names_its_keys_itself(issuer: Issuer, path: str) -> None:
    await by_discovery(issuer, path).verify(of(RSA))

    assert issuer.asked == [path.rstrip("/") + WELL_KNOWN, KEYS]


BROKEN: tuple[tuple[dict[str, tuple[int, bytes]], dict[str, Any], str], ...] = (
    ({}, {"issuer": "https://login.example/another"}, "names another issuer"),
    ({}, {"issuer": "https://login.microsoftonline.com/{tenantid}/v2.0"}, "names another issuer"),
    ({}, {"issuer": None}, "names another issuer"),
    ({}, {"jwks_uri": None}, "names no address of keys"),
    ({}, {"jwks_uri": "file:///etc/passwd"}, "names no address of keys"),
    ({}, {"jwks_uri": "https:///"}, "not reachable"),
    ({}, {"jwks_uri": "http://127.0.0.1:1/keys"}, "not reachable"),
    ({REALM + WELL_KNOWN: (404, b"")}, {}, "answered 404"),
    ({REALM + WELL_KNOWN: (200, b"<html>")}, {}, "what came is no JSON"),
    ({REALM + WELL_KNOWN: (200, b"[]")}, {}, "names another issuer"),
    ({KEYS: (500, b"")}, {}, "answered 500"),
    ({KEYS: (302, b"")}, {}, "answered 302"),  # keys are where they are said to be
    ({KEYS: (200, b"{}")}, {}, "what came is no key set"),
    ({KEYS: (200, b'{"keys": {}}')}, {}, "what came is no key set"),
    ({KEYS: (200, b"[" * 100_000)}, {}, "what came is no JSON"),
    ({KEYS: (200, b"\xff\xfe")}, {}, "what came is no JSON"),
    ({KEYS: (200, b'{"keys": ["' + b"x" * 300_000 + b'"]}')}, {}, "what came is too large"),
)  # fmt: skip


@pytest.mark.parametrize(("answers", "says", "why"), BROKEN)
async def test_keys_that_cannot_be_fetched_are_our_problem(
    issuer: Issuer, answers: dict[str, tuple[int, bytes]], says: dict[str, Any], why: str
) -> None:
    issuer.answers, issuer.says = answers, says
    keys = by_discovery(issuer)

    with pytest.raises(UnavailableError) as unavailable:
        await keys.verify(of(RSA))

    assert why in unavailable.value.detail
    assert int(unavailable.value.headers["Retry-After"]) > 0
    assert why in keys.state()["problem"]


def test_an_issuer_with_tls_names_no_keys_without_it() -> None:
    issuer = "https://login.muster.example"
    for address in ("http://login.muster.example/keys", "HTTPS://login.muster.example/keys", "//login/keys"):
        with pytest.raises(KeySetError, match="address of keys"):
            address_in({"issuer": issuer, "jwks_uri": address}, issuer)
    assert address_in({"issuer": issuer, "jwks_uri": "https://a.example/k"}, issuer) == "https://a.example/k"


async def test_a_fetch_that_was_broken_off_is_no_empty_set(issuer: Issuer) -> None:
    keys = by_address(issuer)
    issuer.hold()
    first = asyncio.create_task(keys.verify(of(RSA)))
    await asyncio.to_thread(issuer.wait_until_asked, 1)
    first.cancel()
    await asyncio.wait([first])
    issuer.release()

    with pytest.raises(UnavailableError, match="not fetched yet"):
        await keys.verify(of(RSA))
    later(keys)
    await keys.verify(of(RSA))


async def test_a_file_that_is_not_there_is_our_problem(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="not reachable"):
        await KeySet("people", (tmp_path / "missing.json").as_uri(), ALGORITHMS).verify(of(RSA))


@pytest.mark.parametrize("find", [by_address, by_discovery])
async def test_an_unknown_key_fetches_the_set_again_but_not_every_time(issuer: Issuer, find: Any) -> None:
    issuer.publish(RSA)
    keys: KeySet = find(issuer)
    await keys.verify(of(RSA))
    issuer.publish(EC)

    assert "does not have" in await refusal(keys, of(EC))  # within ten seconds of the last look
    keys._tried -= 11
    await keys.verify(of(EC))

    assert "does not have" in await refusal(keys, of(RSA))  # withdrawn
    assert issuer.times_asked() == 2


async def test_a_flood_of_invented_keys_asks_once(issuer: Issuer) -> None:
    keys = by_address(issuer)
    invented = [read(signed({"iss": "i"}, RSA, kid=f"invented-{number}")) for number in range(20)]

    answers = await asyncio.gather(*(keys.verify(token) for token in invented), return_exceptions=True)

    assert {type(answer) for answer in answers} == {UnauthenticatedError}
    assert issuer.times_asked() == 1


async def test_many_who_come_at_once_find_what_the_first_one_fetched(issuer: Issuer) -> None:
    keys = by_address(issuer)

    await asyncio.gather(*(keys.verify(of(key)) for key in (RSA, EC, ED) * 7))

    assert issuer.times_asked() == 1


async def test_whoever_knows_the_key_does_not_wait_for_a_slow_provider(issuer: Issuer) -> None:
    keys = by_address(issuer)
    await keys.verify(of(RSA))
    later(keys)
    issuer.hold()
    first = asyncio.create_task(keys.verify(of(RSA)))
    await asyncio.to_thread(issuer.wait_until_asked, 2)

    await keys.verify(of(RSA))
    await keys.verify(of(EC))

    assert not first.done()
    issuer.release()
    await first


async def test_known_keys_stay_good_while_the_set_is_away(issuer: Issuer) -> None:
    keys = by_discovery(issuer)
    await keys.verify(of(RSA))
    issuer.answers[REALM + WELL_KNOWN] = (503, b"")
    later(keys)

    await keys.verify(of(RSA))

    assert keys.state()["problem"] == "answered 503"
    with pytest.raises(UnavailableError):  # it may be a new one: nobody can tell now
        await keys.verify(of(OTHER))
    issuer.answers.clear()
    later(keys)
    assert "does not have" in await refusal(keys, of(OTHER))
    assert "problem" not in keys.state()
