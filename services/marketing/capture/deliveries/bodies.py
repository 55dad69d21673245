"""Request bodies as plain values. Pure; strict, because a door that guesses loses leads silently."""

from email import message_from_bytes
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl

from shared.errors import UnparseableError, UnsupportedMediaError
from shared.http.limits import MOST_FIELDS, parse_json

FORM_TYPES = "application/json, application/x-www-form-urlencoded or multipart/form-data"


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
    try:
        header = content_type.encode("ascii")
    except UnicodeEncodeError:
        raise UnparseableError("The content type is not ASCII.") from None
    if b"\n" in header or b"\r" in header:
        raise UnparseableError("The content type is not one line.")
    message = message_from_bytes(b"Content-Type: " + header + b"\r\n\r\n" + body)
    if not message.is_multipart() or message.defects:
        raise UnparseableError("The body is not what its boundary promises.")
    parts = message.get_payload()
    assert isinstance(parts, list)
    if len(parts) > MOST_FIELDS:
        raise UnparseableError(f"The body has more than {MOST_FIELDS} fields.")
    return _gather([_part(part) for part in parts if isinstance(part, Message)])


def _part(part: Message) -> tuple[str, str]:
    name = part.get_param("name", header="content-disposition")
    if not isinstance(name, str) or part.is_multipart():
        raise UnparseableError("A part of the body has no plain name.")
    if part.get_filename() is not None:
        raise UnsupportedMediaError("Files are not taken here.")
    payload = part.get_payload(decode=True)
    try:
        return name, payload.decode() if isinstance(payload, bytes) else ""
    except UnicodeDecodeError:
        raise UnparseableError("A field of the body is not UTF-8.") from None


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
