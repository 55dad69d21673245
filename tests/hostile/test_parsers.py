"""Every parser keeps to its budget, and one that does not is found."""

import time

import pytest

from tests.hostile import parsers
from tests.hostile.parsers import PARSERS, Parser


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_no_text_costs_a_parser_more_than_its_budget(parser: Parser) -> None:
    found = parsers.attack(lambda name: name.startswith(f"{parser.name}, "))

    assert found.faults == []
    assert found.counts["tried"]


def test_no_body_that_once_hurt_does_so_again() -> None:
    found = parsers.attack(lambda name: name.startswith("a form's body, "))

    assert found.faults == []


def test_a_quadratic_parser_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsers, "PARSERS", (Parser("slow", _look_again_and_again),))

    [fault] = parsers.attack(lambda name: name == "slow, ';'").faults

    assert fault.startswith("slow, ';': ")


def _look_again_and_again(text: str) -> int:
    """What looking at the rest after each semicolon costs; it stops where the test has seen enough."""
    until, steps = time.thread_time() + 0.2, 0
    while text and time.thread_time() < until:
        text, steps = text[1:], steps + text.count("x")
    return steps


def test_an_error_nobody_foresaw_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def deep(text: str) -> int:
        return 1 + deep(text)

    monkeypatch.setattr(parsers, "PARSERS", (Parser("deep", deep),))

    assert parsers.attack(lambda name: name == "deep, ';'").faults == ["deep, ';': RecursionError"]
