"""What a request may weigh, and the one strict reader of JSON that every door and route uses."""

from collections.abc import Iterable
from typing import Any

import orjson
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from shared.errors import TooLargeError, UnparseableError

KIB = 1024
BODY_LIMIT = 64 * KIB
WEBHOOK_LIMIT = 256 * KIB
HEADER_LIMIT = 16 * KIB
DEEPEST = 20
MOST_FIELDS = 200
LARGEST_NUMBER = 2**63  # beyond it a reader somewhere rounds silently: long ids travel as strings


def parse_json(raw: bytes, *, fields: int = MOST_FIELDS) -> Any:
    """The value of a JSON text. Raises UnparseableError with a reason a caller understands.

    Refused, besides what is not JSON (RFC 8259, UTF-8): NaN and Infinity, lone surrogates, NUL
    characters, numbers beyond 64 bits, more than 20 levels, more than `fields` members and elements
    in all. Nothing of the text is quoted in the reason.
    """
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        reason = str(error).removesuffix(f" (char {error.pos})") if raw else "The body is empty."
        raise UnparseableError(f"The body is not valid JSON: {reason}") from None
    # Escaped NULs are the only ones that get here, and are looked for only when they can be there.
    _measure(value, fields, strings=b"\\u0000" in raw)
    return value


def _measure(value: Any, fields: int, *, strings: bool) -> None:
    level: list[Any] = [value]
    depth, left = 0, fields
    while level:
        below: list[Any] = []
        for item in level:
            kind = type(item)
            if kind is dict:
                left -= len(item)
                below.extend(item.values())
                if strings:
                    _refuse_nul(item)
            elif kind is list:
                left -= len(item)
                below.extend(item)
            elif kind is str and strings:
                _refuse_nul((item,))
            elif kind in (int, float) and not -LARGEST_NUMBER <= item < LARGEST_NUMBER:
                raise UnparseableError("A number is beyond 64 bits; send long ids as strings.")
        if left < 0:
            raise UnparseableError(f"The body has more than {fields} fields and elements.")
        depth += bool(below) or any(type(item) in (dict, list) for item in level)
        if depth > DEEPEST:
            raise UnparseableError(f"The body is nested deeper than {DEEPEST} levels.")
        level = below


def _refuse_nul(strings: Iterable[str]) -> None:
    if any("\x00" in text for text in strings):
        raise UnparseableError("A text contains a NUL character, which can't be stored.")


async def read_body(receive: Receive, limit: int, *, announced: int | None = None) -> bytes:
    """The whole body, counted as it arrives: a wrong Content-Length or chunks change nothing.

    Raises TooLargeError as soon as it is over `limit`, at once when it is `announced` to be,
    and ClientDisconnect when the rest never comes.
    """
    if announced is not None and announced > limit:
        raise _too_large(limit)
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        body: bytes = message.get("body", b"")
        if len(body) > limit:
            raise _too_large(limit)
        return body
    parts: list[bytes] = []
    size = 0
    while message["type"] == "http.request":
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)
        message = await receive()
    raise ClientDisconnect


def _too_large(limit: int) -> TooLargeError:
    return TooLargeError(f"The body is larger than {limit // KIB} KiB, the most this path takes.")
