"""Connections over HTTP: what is stored, what is shown, and what never is."""

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from services.marketing.capture.sources.encryption import Sealer, SealError, digest, matches
from services.marketing.settings import read_keys
from shared import clock
from shared.database.sessions import Sessions
from shared.settings import SettingsError
from tests.marketing.capture.house import ACCESS_TOKEN, APP_SECRET, VERIFY_TOKEN, new_connection
from tests.support.keys import Keys


async def test_secrets_are_neither_shown_nor_stored_in_the_clear(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    connection = await new_connection(marketing, keys, "meta")
    assert sorted(secret["kind"] for secret in connection["secrets"]) == [
        "access_token",
        "app_secret",
        "verify_token",
    ]
    shown = await marketing.get(f"/v1/connections/{connection['id']}", headers=keys.as_("admin"))
    async with marketing_sessions() as session:
        rows = (
            (await session.execute(text("SELECT secret::text FROM connection_secrets secret")))
            .scalars()
            .all()
        )
        answers = (await session.execute(text("SELECT i::text FROM idempotency i"))).scalars().all()
    for secret in (ACCESS_TOKEN, APP_SECRET, VERIFY_TOKEN):
        assert secret not in shown.text
        for stored in [*rows, *answers]:
            assert secret not in stored
            assert secret.encode().hex() not in stored
    wrong = await marketing.patch(
        f"/v1/connections/{connection['id']}",
        json={"add_secrets": {"google_key": "not-for-meta"}},
        headers=keys.as_("admin"),
    )
    assert wrong.status_code == 422


def test_a_seal_opens_with_its_own_key_and_connection_only() -> None:
    one, other = clock.new_id(), clock.new_id()
    sealed = Sealer("k" * 32).seal("secret", one)
    assert Sealer("k" * 32).open(sealed, one) == "secret"
    for key, connection_id in (("k" * 33, one), ("k" * 32, other)):
        try:
            Sealer(key).open(sealed, connection_id)
        except SealError:
            continue
        raise AssertionError("It opened.")


def test_the_newest_key_seals_and_all_open() -> None:
    one = clock.new_id()
    old, new = "o" * 32, "n" * 32
    sealed = Sealer(old).seal("secret", one)
    both = Sealer(new, old)
    assert both.open(sealed, one) == "secret"

    anew = both.reseal(sealed, one)
    assert anew is not None
    assert Sealer(new).open(anew, one) == "secret"
    assert both.reseal(anew, one) is None
    with pytest.raises(SealError):
        Sealer(old).open(both.seal("secret", one), one)


@pytest.mark.parametrize("said", ["", "short", f"{'k' * 32},", f"{'k' * 32},short", ",".join("k" * 32)])
def test_every_key_that_is_named_has_to_be_one(said: str) -> None:
    with pytest.raises(SettingsError, match="SECRETS_KEY"):
        read_keys(said)


def test_keys_are_read_in_their_order() -> None:
    assert read_keys(f"{'n' * 44}, {'o' * 44}") == ["n" * 44, "o" * 44]


def test_one_of_several_secrets_is_enough() -> None:
    assert matches("b", [digest("a"), digest("b")])
    assert not matches("c", [digest("a"), digest("b")])
    assert not matches("", [])
    assert not matches("\ud800", [digest("a")])
