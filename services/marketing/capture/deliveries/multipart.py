"""`multipart/form-data` by python-multipart's streaming parser: linear, and it can't recurse. Pure."""

import re
from base64 import b64decode
from binascii import Error as BinasciiError
from collections.abc import Callable
from dataclasses import dataclass, field
from quopri import decodestring
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from services.marketing.capture.deliveries import encodings
from shared.errors import UnparseableError
from shared.http.limits import MOST_FIELDS

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MOST_OF_HEADERS = 1024  # bytes of one part's headers; a browser sends about a hundred
MOST_PARAMETERS = 32  # of its disposition, counted by semicolons: each costs as much as a hundred letters
LONGEST_TYPE = 300  # as much of a content type as is kept with the delivery, to read it again
_STARRED = re.compile(rb"filename\*[0-9*]*[ \t]*=", re.IGNORECASE)
# RFC 7578 has given these up, and some programs still send them.
_CODINGS: dict[bytes, Callable[[bytes], bytes]] = {b"base64": b64decode, b"quoted-printable": decodestring}


@dataclass(frozen=True, slots=True)
class Part:
    """One field. `filename` is None when it is no file, and empty where nobody chose one."""

    name: bytes
    content: bytes
    filename: bytes | None
    charset: str | None


def parts_of(body: bytes, content_type: str) -> list[Part]:
    """The parts, in order. Raises UnparseableError when the body is not framed as its type says."""
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
    return [part.read(bare=bare) for part in parts.all]


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
class _Arriving:
    """One part as it arrives: its headers by their names in lower case, and its content in pieces."""

    headers: dict[bytes, bytes] = field(default_factory=dict)
    pieces: list[bytes] = field(default_factory=list)

    def read(self, *, bare: bool) -> Part:
        disposition = self.headers.get(b"content-disposition", b"")
        kind = self.headers.get(b"content-type", b"")
        nested = kind.lower().startswith(b"multipart/")
        if nested or disposition.count(b";") > MOST_PARAMETERS:
            raise UnparseableError("A part of the body has no plain name.")
        # The parser leaves `filename*` out; with the star taken off it is a file name like any other.
        starred = b"*" in disposition and _STARRED.sub(b"filename=", disposition)
        parameters = parse_options_header(disposition)[1]
        name = parameters.get(b"name")
        if name is None:
            raise UnparseableError("A part of the body has no plain name.")
        filename = parameters.get(b"filename")
        if filename is None and starred:
            filename = parse_options_header(starred)[1].get(b"filename")
            filename = filename and unquote_to_bytes(filename.rpartition(b"''")[2])
        charset = encodings.declared(kind.decode("latin-1")) if kind else None
        return Part(name, self._content(bare=bare), filename, charset)

    def _content(self, *, bare: bool) -> bytes:
        content = b"".join(self.pieces)
        if bare:
            content = content.replace(b"\r\n", b"\n")
        coding = self.headers.get(b"content-transfer-encoding", b"").strip().lower()
        try:
            return _CODINGS.get(coding, bytes)(content)
        except BinasciiError:
            return content  # it only says so


class _Parts:
    """Collects what the parser finds, and stops it at the limits."""

    def __init__(self) -> None:
        self.all: list[_Arriving] = []
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
        self.all.append(_Arriving())
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
