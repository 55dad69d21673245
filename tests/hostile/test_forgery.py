"""The forger finds an open door, and finds ours shut."""

import hashlib
import hmac

import pytest

from shared.auth.key_sets import VerifyingKey
from tests.hostile import connection, forgery, platforms
from tests.hostile.mutations import changed_bytes, changed_text


def test_a_few_thousand_forgeries_are_all_refused_and_the_genuine_are_not() -> None:
    found = forgery.attack(6000, seed=7)

    assert found.faults == []
    assert found.counts["let in"] == 0


@pytest.mark.parametrize("door", ["enters_meta", "enters_generic", "enters_google", "enters_challenge"])
def test_a_door_that_is_open_is_found(monkeypatch: pytest.MonkeyPatch, door: str) -> None:
    monkeypatch.setattr(forgery.Forger, door, lambda *_: True)

    assert "let in" in " ".join(forgery.attack(600, seed=7).faults)


@pytest.mark.parametrize("door", ["enters_linkedin", "enters_tiktok"])
def test_an_open_door_of_a_platform_is_found(monkeypatch: pytest.MonkeyPatch, door: str) -> None:
    monkeypatch.setattr(platforms.PlatformForger, door, lambda *_: True)

    assert "let in" in " ".join(forgery.attack(600, seed=7).faults)


def test_a_token_that_nobody_signed_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(VerifyingKey, "has_signed", lambda *_: True)

    assert "of the token were let in" in " ".join(forgery.attack(600, seed=7).faults)


def test_a_door_that_signs_anything_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def sign(_: platforms.PlatformForger, code: str) -> str:
        return hmac.new(connection.LIVE[-1].encode(), code.encode(), hashlib.sha256).hexdigest()

    monkeypatch.setattr(platforms.PlatformForger, "signs", sign)

    faults = " ".join(forgery.attack(2000, seed=7).faults)
    assert "of the oracle were let in" in faults
    assert "of the linkedin were let in" in faults


def test_a_door_that_is_always_shut_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgery.Forger, "enters_google", lambda *_: False)

    assert forgery.attack(60, seed=7).faults == ["a genuine webhook is refused"]


def test_a_change_is_a_change() -> None:
    random = forgery.Forger(3).random
    for _ in range(2000):
        assert changed_bytes(random, connection.BODY) != connection.BODY
        assert changed_text(random, connection.TOKEN) != connection.TOKEN
