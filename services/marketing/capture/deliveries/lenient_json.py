"""JSON as careless programs write it: half emojis, raw line ends, another encoding, a mark at its start.

Pure. What a person typed is kept; what can't be stored as text is left out.
"""

import json
import math
import re
from contextlib import suppress
from typing import Any

import orjson

from services.marketing.capture.deliveries import encodings
from shared.errors import UnparseableError
from shared.http.limits import DEEPEST

MOST_VALUES = 2000
_LONGEST_NUMBER = 20
_LONG_NUMBER = re.compile(rb"[0-9]{19}")  # orjson would round it, and it may be an id


def parse_leniently(body: bytes, encoding: str | None = None) -> Any:
    """The value of a JSON text, with nothing in it that can't be stored.

    Raises UnparseableError for what is none, or too deep, or of too many parts.
    """
    value = _loads(body, encoding)
    if isinstance(value, str) and value.lstrip().startswith("{"):
        value = _read(value)  # written twice
    return _Measure().tidy(value, DEEPEST)


def _loads(body: bytes, encoding: str | None) -> Any:
    if not _LONG_NUMBER.search(body):
        with suppress(orjson.JSONDecodeError):
            return orjson.loads(body)
    return _read(encodings.text_of(body, encoding))


def _read(text: str) -> Any:
    try:
        return _DECODER.decode(text.strip())
    except (ValueError, RecursionError):
        raise UnparseableError("The body is not valid JSON.") from None


def _fraction(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text[:_LONGEST_NUMBER]


def _whole(text: str) -> int | str:
    return int(text) if len(text) < _LONGEST_NUMBER else text


_DECODER = json.JSONDecoder(strict=False, parse_float=_fraction, parse_int=_whole, parse_constant=str)


class _Measure:
    """Counts what it tidies, and stops at the limits."""

    def __init__(self) -> None:
        self._left = MOST_VALUES

    def tidy(self, value: Any, levels: int) -> Any:
        if isinstance(value, str):
            return encodings.tidy(value)
        if not isinstance(value, dict | list):
            return value
        self._left -= len(value)
        if not levels or self._left < 0:
            raise UnparseableError(
                f"The body is nested deeper than {DEEPEST} levels, or of more than {MOST_VALUES} parts."
            )
        if isinstance(value, list):
            return [self.tidy(item, levels - 1) for item in value]
        return {encodings.tidy(name): self.tidy(item, levels - 1) for name, item in value.items()}
