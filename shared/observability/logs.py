"""Logs: one JSON object per line on stdout, with trace ids and without personal data.

Fields pass an allow-list by name (ids, codes, counts, times); whatever else is given is
dropped and its name noted, so a careless line loses detail instead of leaking a person.
Errors are shown as their type and place, never by their text: a database's message
quotes the row it refused.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from traceback import extract_tb
from typing import Any, TextIO, cast
from uuid import UUID

import orjson
import structlog

from shared.observability import telemetry

_WORDS = """
    event level timestamp service program process logger trace_id request_id method route status reason
    state stage outcome topic partition offset group key type version attempt attempts delay port pid signal
    channel currency locale country setting expected found slice timer table worker duration error_type trace
    count rows size bytes lag backlog limit scope role roles kind subject model
    credential address door equations work
"""
NAMES = frozenset(_WORDS.split())
ENDINGS = ("_id", "_ids", "_count", "_ms", "_seconds", "_code", "_codes", "_at", "_size", "_bytes", "_type")
LONGEST = 300
# The first member to ask for a group makes the broker make its topic, and asks again: no error of anybody's.
_PASSING = "GroupCoordinatorNotAvailable"
_E_MAIL = re.compile(r"\S+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w.-])\+\d[\d ()/-]{6,18}\d")
_SECRET = re.compile(r"\b(?:sk_|pk_|eyJ)[\w.-]{8,}|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)")


def scrub(text: str) -> str:
    """Hide what looks like an e-mail address, a phone number or a credential, and cut very long text."""
    text = _SECRET.sub("[secret]", text[: 2 * LONGEST])
    if "@" in text:
        text = _E_MAIL.sub("[e-mail]", text)
    return _PHONE.sub("[phone]", text)[:LONGEST]


def _allowed(name: str) -> bool:
    return name in NAMES or name.endswith(ENDINGS)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, (UUID, datetime, date)):
        return str(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in list(value)[:50]]
    return scrub(str(value)) if isinstance(value, (str, Path)) else type(value).__name__


def place(error: BaseException) -> list[str]:
    """Where an error came from: file, line and function of its innermost frames, and its causes' types."""
    frames = [
        f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
        for frame in extract_tb(error.__traceback__)
    ]
    cause = error.__cause__ or error.__context__
    return frames[-12:] + ([f"from {type(cause).__qualname__}"] if cause is not None else [])


def keep_allowed(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every field that is not on the allow-list, and make the others plain."""
    error = line.pop("exc_info", None)
    error = sys.exc_info()[1] if error is True else error[1] if isinstance(error, tuple) else error
    dropped = sorted(name for name in line if not _allowed(name))
    kept: dict[str, Any] = {name: _plain(value) for name, value in line.items() if _allowed(name)}
    if isinstance(error, BaseException):
        kept["error_type"] = type(error).__qualname__
        kept["trace"] = place(error)
    if dropped:
        kept["dropped"] = dropped
    return kept


def _add_context(_: Any, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    parent = telemetry.current_traceparent()
    if parent is not None:
        line.setdefault("trace_id", telemetry.trace_id(parent))
    line["level"] = method if method != "exception" else "error"
    return line


def _render(_: Any, __: str, line: MutableMapping[str, Any]) -> str:
    return orjson.dumps(dict(line)).decode()


class _JsonLines(logging.Handler):
    """Lines of other libraries (uvicorn, aiokafka, SQLAlchemy) in the same shape, scrubbed."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = scrub(record.getMessage())
        except (TypeError, ValueError):
            text = scrub(str(record.msg))
        passing = record.name.startswith("aiokafka") and _PASSING in text
        level = logging.INFO if passing else record.levelno
        structlog.get_logger().log(level, text, logger=record.name, exc_info=record.exc_info or None)


def get_logger() -> Any:
    """A logger whose lines are scrubbed from the first one on, also in a program that configures nothing."""
    return structlog.get_logger()


class _Stdout:
    """Whatever stdout is when a line is written. A line that can't be (full disk) never fails the work."""

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            sys.stdout.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stdout.flush()


def _write_lines(least: int, fixed: Mapping[str, str]) -> None:
    def add_fixed(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        line.update(fixed)
        return line

    structlog.configure(
        processors=[
            add_fixed,
            _add_context,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_allowed,
            _render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, _Stdout())),
    )


def configure(*, service: str, program: str, level: str = "INFO") -> None:
    """Set up logging for this process. Call once, at start."""
    least = logging.getLevelNamesMapping()[level]
    _write_lines(least, {"service": service, "program": program})
    logging.basicConfig(level=max(least, logging.INFO), handlers=[_JsonLines()], force=True)
    for noisy in ("httpx", "httpcore", "sqlalchemy.engine"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # It warns of every body it refuses, and whoever sent it has our answer already.
    logging.getLogger("python_multipart").setLevel(logging.ERROR)


_write_lines(logging.INFO, {})
