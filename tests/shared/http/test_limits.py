import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from shared.errors import TooLargeError, UnparseableError
from shared.http.limits import DEEPEST, MOST_FIELDS, parse_json, read_body

SMALL_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(-1e18, 1e18)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    lambda below: (
        st.lists(below, max_size=4) | st.dictionaries(st.text("abc", max_size=3), below, max_size=4)
    ),
    max_leaves=30,
)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty"),
        (b"{", "not valid JSON"),
        (b"{'a': 1}", "not valid JSON"),
        (b'{"a": NaN}', "not valid JSON"),
        (b'{"a": Infinity}', "not valid JSON"),
        (b'{"a": 1e999}', "not valid JSON"),
        (b'"\xff"', "not valid JSON"),
        (b'"\xed\xa0\x80"', "not valid JSON"),
        (b'"\\ud800"', "not valid JSON"),
        (b'"a\x00b"', "not valid JSON"),
        (b'{"a": "x\\u0000"}', "NUL"),
        (b'{"a\\u0000": 1}', "NUL"),
        (b'["\\u0000"]', "NUL"),
        (b"[18446744073709551615]", "64 bits"),
        (b"-99999999999999999999", "64 bits"),
        (b"[123456789012345678901234567890]", "64 bits"),
        (b"1e300", "64 bits"),
    ],
)
def test_hostile_json_is_refused_with_its_reason(raw: bytes, reason: str) -> None:
    with pytest.raises(UnparseableError, match=reason):
        parse_json(raw)


def test_an_escaped_backslash_before_u0000_is_not_a_nul() -> None:
    assert parse_json(b'"\\\\u0000"') == "\\u0000"


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_twenty_levels_pass_and_one_more_does_not(opening: bytes, closing: bytes) -> None:
    core = b"1"
    parse_json(opening * DEEPEST + core + closing * DEEPEST)

    with pytest.raises(UnparseableError, match="deeper"):
        parse_json(opening * (DEEPEST + 1) + core + closing * (DEEPEST + 1))


def test_empty_containers_count_as_levels_too() -> None:
    with pytest.raises(UnparseableError, match="deeper"):
        parse_json(b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1))


def test_two_hundred_fields_pass_and_one_more_does_not() -> None:
    fields = {str(number): number for number in range(MOST_FIELDS)}
    assert parse_json(json.dumps(fields).encode()) == fields

    with pytest.raises(UnparseableError, match="200"):
        parse_json(json.dumps({**fields, "more": 1}).encode())


def test_fields_are_counted_through_all_levels() -> None:
    with pytest.raises(UnparseableError, match="200"):
        parse_json(json.dumps([{"a": 1}] * 101).encode())


@given(SMALL_JSON)
def test_ordinary_json_is_read_as_the_standard_library_reads_it(value: Any) -> None:
    raw = json.dumps(value).encode()

    assert parse_json(raw, fields=10_000) == json.loads(raw)


@given(st.binary(max_size=200))
def test_no_bytes_get_past_as_anything_but_a_value_or_a_reason(raw: bytes) -> None:
    with suppress(UnparseableError):
        parse_json(raw)


def arriving(*parts: bytes, ends: bool = True) -> Receive:
    messages: list[Message] = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    if ends:
        messages[-1]["more_body"] = False
    left = iter(messages)

    async def receive() -> Message:
        return next(left, {"type": "http.disconnect"})

    return receive


async def test_a_body_is_put_together_from_its_parts() -> None:
    assert await read_body(arriving(b"ab", b"", b"c"), 3) == b"abc"


async def test_a_body_over_the_limit_is_refused_while_it_arrives() -> None:
    with pytest.raises(TooLargeError):
        await read_body(arriving(b"ab", b"cd", ends=False), 3)


async def test_a_body_announced_too_large_is_refused_unread() -> None:
    with pytest.raises(TooLargeError):
        await read_body(arriving(b""), 3, announced=4)


async def test_a_lying_content_length_changes_nothing() -> None:
    with pytest.raises(TooLargeError):
        await read_body(arriving(b"abcd"), 3, announced=1)


async def test_a_body_that_breaks_off_is_not_a_body() -> None:
    with pytest.raises(ClientDisconnect):
        await read_body(arriving(b"ab", ends=False), 10)
