"""Logs: an allow-list of fields, and nothing that looks like a person or a secret."""

import ast
import json
import logging
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.local.stack.layout import ROOT
from shared.observability import logs

LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_only_fields_on_the_list_are_written(capsys: pytest.CaptureFixture[str]) -> None:
    logs.get_logger().info("lead_stored", lead_id=UUID(int=1), email="ana@example.com", body=b"secret")

    [line] = lines(capsys)
    assert line["lead_id"] == str(UUID(int=1))
    assert line["dropped"] == ["body", "email"]
    assert line.keys() == {"event", "level", "timestamp", "lead_id", "dropped"}


def test_a_field_on_the_list_is_scrubbed_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    logs.get_logger().info(
        "refused ana@example.com", reason="ana@example.com is taken", rows=[1, "+49 30 123456"]
    )

    [line] = lines(capsys)
    assert (line["event"], line["reason"]) == ("refused [e-mail]", "[e-mail] is taken")
    assert line["rows"] == [1, "[phone]"]


def test_an_error_shows_its_type_and_place_but_not_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise ValueError("Key (email)=(ana@example.com) already exists")
    except ValueError:
        logs.get_logger().exception("failed", lead_id=1)

    [line] = lines(capsys)
    assert (line["error_type"], line["level"]) == ("ValueError", "error")
    assert "test_logs.py" in line["trace"][-1]
    assert "ana" not in json.dumps(line)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("mail ana.b+c@sub.example.com now", "mail [e-mail] now"),
        ("call +49 (30) 1234-567", "call [phone]"),
        ("key sk_abcdefghijklmnop", "key [secret]"),
        ("token eyJhbGciOi.eyJpc3MiOi.c2ln", "token [secret]"),
        ("postgresql://role:pass@host/db", "postgresql://[secret]@host/db"),
        ("2026-11-23T08:00:00+00:00 took 12.5 ms", "2026-11-23T08:00:00+00:00 took 12.5 ms"),
    ],
)
def test_what_looks_like_a_person_or_a_secret_is_hidden(text: str, shown: str) -> None:
    assert logs.scrub(text) == shown


@given(st.emails(), st.text(st.characters(categories=["L", "Zs"]), max_size=20))
def test_no_address_survives(address: str, around: str) -> None:
    local, _, domain = address.partition("@")

    assert f"{local}@{domain}" not in logs.scrub(f"{around} {address} {around}")


def test_lines_of_other_libraries_come_in_the_same_shape(capsys: pytest.CaptureFixture[str]) -> None:
    before = logging.getLogger().handlers[:]
    logs.configure(service="sales", program="api")
    logging.getLogger("uvicorn.error").warning("from %s", "ana@example.com")
    logging.getLogger("uvicorn.error").warning("broken %d", "x")
    logging.getLogger().handlers = before

    first, second = lines(capsys)
    assert (first["event"], first["logger"], first["service"]) == ("from [e-mail]", "uvicorn.error", "sales")
    assert second["event"] == "broken %d"


@pytest.mark.parametrize(
    ("logger", "text", "level"),
    [
        (
            "aiokafka.consumer.group_coordinator",
            "Request failed: [Error 15] GroupCoordinatorNotAvailableError",
            "info",
        ),
        ("aiokafka.client", "Unable connect to node", "error"),
        ("another.library", "GroupCoordinatorNotAvailableError", "error"),
    ],
)
def test_what_every_first_start_brings_is_no_error(
    logger: str, text: str, level: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = logging.getLogger().handlers[:]
    logs.configure(service="marketing", program="worker")
    logging.getLogger(logger).error(text)
    logging.getLogger().handlers = before

    [line] = lines(capsys)
    assert (line["level"], line["event"]) == (level, text)


def logged() -> list[tuple[str, str]]:
    """Every field of every line that the programs log: file and line, and the field's name."""
    found = []
    for path in (
        each for top in ("services", "shared", "deploy") for each in sorted((ROOT / top).rglob("*.py"))
    ):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in LEVELS
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "log"
            ):
                where = f"{path.relative_to(ROOT)}:{node.lineno}"
                found += [(where, keyword.arg) for keyword in node.keywords if keyword.arg]
    return found


def test_no_line_of_ours_has_a_field_that_is_dropped() -> None:
    fields = [each for each in logged() if each[1] != "exc_info"]

    assert len(fields) > 30
    assert [each for each in fields if not logs._allowed(each[1])] == []
