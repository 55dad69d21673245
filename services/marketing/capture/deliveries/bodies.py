"""Request bodies as plain values. Pure; strict, because a door that guesses loses leads silently."""

import re
from base64 import b64decode
from binascii import Error as BinasciiError
from collections.abc import Callable
from dataclasses import dataclass, field
from quopri import decodestring
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from shared.errors import UnparseableError, UnsupportedMediaError
from shared.http.limits import MOST_FIELDS, parse_json

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FORM_TYPES = "application/json, application/x-www-form-urlencoded or multipart/form-data"
MOST_OF_HEADERS = 1024  # bytes of one part's headers; a browser sends about a hundred
MOST_PARAMETERS = 32  # of its disposition, counted by semicolons: each costs as much as a hundred letters
LONGEST_TYPE = 300  # as much of a content type as is kept with the delivery, to read it again
_STARRED = re.compile(rb"filename\*[0-9*]*[ \t]*=", re.IGNORECASE)
# RFC 7578 has given these up, and some programs still send them.
_CODINGS: dict[bytes, Callable[[bytes], bytes]] = {b"base64": b64decode, b"quoted-printable": decodestring}


def media_type(content_type: str | None) -> str:
    return (content_type or "").partition(";")[0].strip().lower()


def parse_form(body: bytes, content_type: str | None) -> dict[str, Any]:
    """The fields of a form post, whatever its encoding.

    Raises UnsupportedMediaError for other types and for files, UnparseableError for broken bodies.
    """
    kind = media_type(content_type)
    if kind == "application/json":
        return parse_object(body)
    if kind == "application/x-www-form-urlencoded":
        return _parse_urlencoded(body)
    if kind == "multipart/form-data":
        return _parse_multipart(body, content_type or "")
    raise UnsupportedMediaError(f"Send {FORM_TYPES}.")


def parse_object(body: bytes, *, fields: int = MOST_FIELDS) -> dict[str, Any]:
    """A JSON object. Raises UnparseableError for anything else."""
    value = parse_json(body, fields=fields)
    if not isinstance(value, dict):
        raise UnparseableError("The body has to be a JSON object.")
    return value


def _parse_urlencoded(body: bytes) -> dict[str, Any]:
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except UnicodeError:
        raise UnparseableError("The body is not URL-encoded UTF-8.") from None
    except ValueError:
        raise UnparseableError(f"The body has more than {MOST_FIELDS} fields.") from None
    return _gather(pairs)


def _parse_multipart(body: bytes, content_type: str) -> dict[str, Any]:
    delimiter = b"--" + _boundary(content_type)
    # Who ends all lines with LF alone, which no browser does, gets the values back with LF.
    bare = b"\r\n" not in body
    lines = body.replace(b"\n", b"\r\n") if bare else body
    _, found, rest = (b"\r\n" + lines).partition(b"\r\n" + delimiter)
    parts = _Parts()
    try:
        MultipartParser(delimiter[2:], parts.callbacks()).write(found[2:] + rest)
    except FormParserError:
        parts.ended = False
    if not parts.ended:
        raise UnparseableError("The body is not what its boundary promises.")
    return _gather([part.read(bare=bare) for part in parts.all])


def _boundary(content_type: str) -> bytes:
    if not content_type.isascii() or not content_type.isprintable():
        raise UnparseableError("The content type is not one line of ASCII.")
    if len(content_type) > LONGEST_TYPE:
        raise UnparseableError(f"The content type is longer than {LONGEST_TYPE} characters.")
    boundary = parse_options_header(content_type)[1].get(b"boundary", b"").rstrip()
    if not boundary:
        raise UnparseableError("The content type names no boundary.")
    return boundary


@dataclass(slots=True)
class _Part:
    """One part as it arrives: its headers by their names in lower case, and its content in pieces."""

    headers: dict[bytes, bytes] = field(default_factory=dict)
    pieces: list[bytes] = field(default_factory=list)

    def read(self, *, bare: bool) -> tuple[str, str]:
        disposition = self.headers.get(b"content-disposition", b"")
        nested = self.headers.get(b"content-type", b"").lower().startswith(b"multipart/")
        if nested or disposition.count(b";") > MOST_PARAMETERS:
            raise UnparseableError("A part of the body has no plain name.")
        # The parser leaves `filename*` out; with the star taken off it is a file name like any other.
        starred = b"*" in disposition and _STARRED.sub(b"filename=", disposition)
        parameters = parse_options_header(disposition)[1]
        name = parameters.get(b"name")
        if name is None:
            raise UnparseableError("A part of the body has no plain name.")
        if b"filename" in parameters or (starred and b"filename" in parse_options_header(starred)[1]):
            raise UnsupportedMediaError("Files are not taken here.")
        content = b"".join(self.pieces)
        if bare:
            content = content.replace(b"\r\n", b"\n")
        try:
            coding = self.headers.get(b"content-transfer-encoding", b"").strip().lower()
            decode = _CODINGS.get(coding, bytes)
            return name.decode(errors="replace"), decode(content).decode()
        except (UnicodeDecodeError, BinasciiError):
            raise UnparseableError("A field of the body is not UTF-8.") from None


class _Parts:
    """Collects what the parser finds, and stops it at the limits."""

    def __init__(self) -> None:
        self.all: list[_Part] = []
        self.ended = False
        self._name = b""
        self._left = 0

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_part_data": lambda data, start, end: self.all[-1].pieces.append(data[start:end]),
            "on_end": self._end,
        }

    def _begin(self) -> None:
        if len(self.all) == MOST_FIELDS:
            raise UnparseableError(f"The body has more than {MOST_FIELDS} fields.")
        self.all.append(_Part())
        self._left = MOST_OF_HEADERS

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._spend(end - start)
        self._name = data[start:end].lower()

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._spend(end - start)
        self.all[-1].headers.setdefault(self._name, data[start:end])

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise UnparseableError(f"A part's headers are larger than {MOST_OF_HEADERS} bytes.")

    def _end(self) -> None:
        self.ended = True


def _gather(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """One value per name; a name that comes several times (checkboxes) keeps them all, in order."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if "\x00" in name or "\x00" in value:
            raise UnparseableError("A field contains a NUL character, which can't be stored.")
        if name in found:
            several = found[name] if isinstance(found[name], list) else [found[name]]
            found[name] = [*several, value]
        else:
            found[name] = value
    return found
