"""Bodies that are poison to their reader, each of its kind, and the process that reads them in tests.

The process is a real one: it imports this module, so what a connector does with such a body happens there.
"""

import os
import time
from collections.abc import Iterable, Sequence
from multiprocessing.connection import Connection
from typing import Any

from services.marketing.capture.connectors import registry
from services.marketing.capture.connectors.rules import CapturedLead
from services.marketing.capture.submissions import reading

_read = registry.read
LARGE = "x" * 20_000  # so that it is read in the process of its own


def read(raw: Any, source: Any) -> Sequence[CapturedLead]:
    """As the registry reads, unless the body is poison."""
    for kind, act in KINDS.items():
        if b"poison-" + kind.encode() in raw.body:
            act()
    return _read(raw, source)


def serve(pipe: Connection, our_origins: Iterable[str]) -> None:
    """In place of `reading.serve`."""
    registry.read = read
    _serve(pipe, our_origins)


_serve = reading.serve


def _sleep() -> None:
    time.sleep(3600)  # noqa: TID251 - that is the poison


def _spin() -> None:
    while True:
        pass


def _raise() -> None:
    raise ZeroDivisionError


def _recurse() -> None:
    _recurse()


def _leave() -> None:
    raise SystemExit(3)


def _die() -> None:
    os.abort()


def _grow() -> None:
    bytearray(4 * reading.MEMORY)


# Kind: what it does, and why its delivery is set aside.
KINDS = {
    "sleeps": _sleep,
    "spins": _spin,
    "raises": _raise,
    "recurses": _recurse,
    "leaves": _leave,
    "dies": _die,
    "grows": _grow,
}
REASONS = {
    "sleeps": "took_too_long",
    "spins": "took_too_long",
    "raises": "reading_failed",
    "recurses": "reading_failed",
    "leaves": "reader_died",
    "dies": "reader_died",
    "grows": "reading_failed",
}
