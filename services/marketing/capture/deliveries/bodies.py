"""Request bodies as plain values. Pure.

Servers and platforms are read strictly (`parse_object`): a program can be told, and sends again. What a form
sends (`parse_form`) is read in every way that browsers, builders and careless scripts write it: a person who
has pressed the button never comes back to do it better.
"""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote_to_bytes

from services.marketing.capture.deliveries import encodings, multipart
from services.marketing.capture.deliveries.lenient_json import parse_leniently
from shared.errors import UnparseableError, UnsupportedMediaError
from shared.http.limits import MOST_FIELDS, parse_json

FORM_TYPES = "application/json, application/x-www-form-urlencoded or multipart/form-data"
MOST_PAIRS = 1000  # of a form; what comes after is left out
CHARSET_FIELD = "_charset_"  # filled in by browsers with the encoding of the page (HTML, 4.10.18.1)
_LOOKS_LIKE_JSON = re.compile(r'\s*(?:\{\s*["}]|\[\s*[{\]"]|"\s*\{)')
_LINE_OF_TEXT = re.compile(r"[^\s=]{1,100}=")


def media_type(content_type: str | None) -> str:
    return (content_type or "").partition(";")[0].strip().lower()


def parse_object(body: bytes, *, fields: int = MOST_FIELDS) -> dict[str, Any]:
    """A JSON object. Raises UnparseableError for anything else."""
    value = parse_json(body, fields=fields)
    if not isinstance(value, dict):
        raise UnparseableError("The body has to be a JSON object.")
    return value


def is_multipart(content_type: str | None) -> bool:
    return media_type(content_type).startswith("multipart/")


def check_framing(body: bytes, content_type: str | None) -> None:
    """Raises UnparseableError for a multipart body that no browser can have made."""
    multipart.parts_of(body, content_type or "")


def parse_form(body: bytes, content_type: str | None) -> dict[str, Any]:
    """The fields of a form post, in whatever way it is written.

    Raises UnparseableError for what can't be read in any way, and UnsupportedMediaError for what is no form.
    """
    if is_multipart(content_type):
        return _gather(_read_parts(multipart.parts_of(body, content_type or "")))
    kind = media_type(content_type)
    charset = encodings.declared(content_type)
    start = encodings.text_of(body.lstrip()[:200], charset).lstrip()
    if not start:
        return {}
    if _LOOKS_LIKE_JSON.match(start) or (kind.endswith("json") and b"=" not in body):
        return _parse_json(body, charset)
    if b"=" not in body or start.startswith("<"):
        raise UnsupportedMediaError(f"Send {FORM_TYPES}.")
    if kind == "text/plain" and b"\n" in body.strip():
        return _gather(_lines(encodings.text_of(body, charset)))
    return _parse_urlencoded(body, charset)


def _parse_json(body: bytes, charset: str | None) -> dict[str, Any]:
    value = parse_leniently(body, charset)
    if isinstance(value, list):
        value = _of_list(value)
    if not isinstance(value, dict):
        raise UnparseableError("The body has to be a JSON object.")
    return value


def _of_list(items: list[Any]) -> Any:
    """`[{"name": "email", "value": …}]`, as serializeArray makes it, or one object in a list."""
    if items and all(isinstance(item, dict) and "name" in item and "value" in item for item in items):
        return _gather((str(item["name"]), item["value"]) for item in items)
    return items[0] if len(items) == 1 else None


def _parse_urlencoded(body: bytes, charset: str | None) -> dict[str, Any]:
    if body.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        body = encodings.text_of(body).encode()
    pairs: list[tuple[bytes, bytes]] = []
    for field in body.replace(b"+", b" ").strip(b"\r\n").split(b"&", MOST_PAIRS)[:MOST_PAIRS]:
        name, equals, value = field.partition(b"=")
        if name or equals:
            pairs.append((unquote_to_bytes(name), unquote_to_bytes(value)))
    charset = charset or _charset_among(pairs)
    return _gather((encodings.text_of(n, charset), encodings.text_of(v, charset)) for n, v in pairs)


def _read_parts(parts: list[multipart.Part]) -> Iterable[tuple[str, str]]:
    charset = _charset_among((part.name, part.content) for part in parts)
    for part in parts:
        name = encodings.text_of(part.name, charset)
        if part.filename is None:
            yield name, encodings.text_of(part.content, part.charset or charset)
        elif part.filename or part.content:
            file = encodings.text_of(part.filename, charset).rpartition("\\")[2] or "a file"
            yield name, f"{file} (not kept)"


def _charset_among(pairs: Iterable[tuple[bytes, bytes]]) -> str | None:
    for name, value in pairs:
        if name == CHARSET_FIELD.encode():
            return encodings.codec(value[:40].decode("latin-1"))
    return None


def _lines(text: str) -> Iterable[tuple[str, str]]:
    """`name=value` a line, as a form with enctype="text/plain" is written; a value may go on in the next."""
    name, value = "", ""
    for line in text.splitlines()[:MOST_PAIRS]:
        if _LINE_OF_TEXT.match(line) or not name:
            if name:
                yield name, value
            name, _, value = line.partition("=")
        else:
            value = f"{value}\n{line}"
    if name:
        yield name, value


def _gather(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """One value per name; a name that comes several times (checkboxes) keeps them all, in order."""
    found: dict[str, Any] = {}
    several: set[str] = set()
    for name, value in pairs:
        if name == CHARSET_FIELD:
            continue
        if name not in found:
            found[name] = value
        elif name in several:
            found[name].append(value)
        else:
            found[name] = [found[name], value]
            several.add(name)
    return found
