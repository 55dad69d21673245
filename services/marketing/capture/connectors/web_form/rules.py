"""What the form's door sees in a request without understanding it: linear looks at raw bytes. Pure."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

from services.marketing.capture.deliveries.bodies import media_type

Header = Callable[[bytes], str | None]
RawHeaders = list[tuple[bytes, bytes]]

NONCE_FIELD = "_nonce"
TEST_FIELD = "_test"
TEST_HEADER = b"x-leadloop-test"
TRUE = frozenset({"1", "true", "yes", "on"})

# Each pattern begins with few bytes, over all others of which the search skips fast, and is used only where
# it can be of use. They find an @ in every way that forms and scripts write it: of full width or small,
# URL-encoded (twice), as an escape of JSON or HTML. Of the digits of other scripts (Arabic, Persian,
# Devanagari, Bengali, Thai, of full width) one is enough to wait for the mapping, which knows them.
_SEPARATORS = b" -./()+\x00\\\t\xc2\xa0"
_DIGITS = re.compile(rb"[0-9][0-9]{5}")
# Where there are escapes, their own digits are none (`%20`, `\u00fc`); separators and digits may be escaped.
_BETWEEN = rb"(?:[ \-./()+\x00]|%(?:2[089deDEfFbB]|[cC]2%[aA]0|09)|\\u00(?:20|[aA]0)|\\/|\xc2\xa0){0,8}+"
_MORE_DIGITS = rb"(?:" + _BETWEEN + rb"(?:[0-9]|%3[0-9]|\\u003[0-9])){5}"
_NOT_OF_PERCENT = rb"(?<!%.)(?<!%[0-9a-fA-F].)"
_NOT_OF_JSON = rb"(?<!\\u.)(?<!\\u[0-9a-fA-F].)(?<!\\u[0-9a-fA-F]{2}.)(?<!\\u[0-9a-fA-F]{3}.)"
_DIGITS_AMONG_PERCENT = re.compile(rb"[0-9]" + _NOT_OF_PERCENT + _MORE_DIGITS)
_DIGITS_AMONG_JSON = re.compile(rb"[0-9]" + _NOT_OF_JSON + _MORE_DIGITS)
_DIGITS_AMONG_BOTH = re.compile(rb"[0-9]" + _NOT_OF_PERCENT + _NOT_OF_JSON + _MORE_DIGITS)
_PERCENT = re.compile(
    rb"%(?:[dD](?:9%[aA][0-9]|[bB]%[bB][0-9])"
    rb"|[eE](?:0%(?:[aA][57]%[aA][6-9a-fA-F]|[bB]9%9[0-9])|[fF]%(?:[bB][cC]%(?:[aA]0|9[0-9])|[bB]9%[aA][bB]))"
    rb"|2(?:540|6(?:%23(?:0{0,4}64|[xX]0{0,4}40)|commat))|3[0-9]" + _MORE_DIGITS + rb")"
)
_JSON_ESCAPE = re.compile(
    rb"\\u(?:0(?:040|6[6fF][0-9]|9[6eE][6-9a-fA-F]|[eE]5[0-9]|03[0-9]" + _MORE_DIGITS + rb")"
    rb"|[fF](?:[fF](?:20|1[0-9])|[eE]6[bB]))"
)
_ENTITY = re.compile(rb"&(?:#(?:0{0,4}64|[xX]0{0,4}40)|commat;)")
_OTHER_BYTES = re.compile(
    rb"[\xd9\xdb\xe0\xef](?:(?<=\xd9)[\xa0-\xa9]|(?<=\xdb)[\xb0-\xb9]"
    rb"|(?<=\xe0)(?:[\xa5\xa7][\xa6-\xaf]|\xb9[\x90-\x99])|(?<=\xef)(?:\xbc[\xa0\x90-\x99]|\xb9\xab))"
)
_CODED_PART = re.compile(rb"(?i)transfer-encoding:[ \t]{0,9}(?:base64|quoted)")

_NONCE = re.compile(
    rb'(?:(?:^|&)_nonce=|"_nonce"\s{0,5}:\s{0,5}"|name="?_nonce"?\r\n\r\n)([A-Za-z0-9_.~-]{8,200})(?:[&"\r\n]|$)'
)
_HEADERS_ASKED = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~, -]{1,1000}")
_USUAL_HEADERS = b"content-type, idempotency-key, traceparent, x-leadloop-test, x-requested-with"


def may_reach(body: bytes) -> bool:
    """Whether anything in a body could be an address or a phone number. In doubt it is."""
    if b"@" in body or b"%40" in body:
        return True
    return (
        _has_digits(body)
        or (b"%" in body and _PERCENT.search(body) is not None)
        or (b"\\u" in body and _JSON_ESCAPE.search(body) is not None)
        or (b"&" in body and _ENTITY.search(body) is not None)
        or (not body.isascii() and _OTHER_BYTES.search(body) is not None)
        or (body.startswith(b"--") and _CODED_PART.search(body) is not None)
    )


def _has_digits(body: bytes) -> bool:
    """Whether there are six digits, which may be written apart."""
    percent, json = b"%" in body, b"\\u" in body
    if not percent and not json:
        return _DIGITS.search(body.translate(None, _SEPARATORS)) is not None
    among = _DIGITS_AMONG_PERCENT if not json else _DIGITS_AMONG_BOTH if percent else _DIGITS_AMONG_JSON
    return among.search(body) is not None


def nonce(body: bytes) -> str | None:
    """The key of one view of a page, which a form without a script sends in a hidden field."""
    if b"_nonce" not in body:
        return None
    match = _NONCE.search(body)
    return match[1].decode() if match is not None else None


def is_test(value: object) -> bool:
    """Whether a header or a field says that this is only a test."""
    return value is True or value == 1 or (isinstance(value, str) and value.strip().lower() in TRUE)


def is_unsigned(header: Header, *, wanted: bool) -> bool:
    """Whether it hardly came from a page: without a browser's name, or an origin where the form has some."""
    return not header(b"user-agent") or (wanted and header(b"origin") is None)


def wants_page(header: Header) -> bool:
    """Whether a person looks at the answer: a plain HTML form, and no script."""
    accept = header(b"accept") or ""
    if "text/html" not in accept or "application/json" in accept:
        return False
    if header(b"sec-fetch-mode") in ("cors", "no-cors", "same-origin"):
        return False
    scripted = (header(b"x-requested-with") or "").lower() == "xmlhttprequest"
    return not scripted and media_type(header(b"content-type")) != "application/json"


def cors(origin: str | None) -> RawHeaders:
    """Lets any page read the answer: there is nothing in it but what became of its own submission.

    What a form's origins are for is decided when the submission is processed. `null` is many pages, so it is
    not named: `*` lets them in without credentials.
    """
    if origin is None:
        return []
    allowed = b"*" if origin == "null" else origin.encode("latin-1")
    return [(b"access-control-allow-origin", allowed), (b"vary", b"origin")]


def preflight(asked: str | None) -> RawHeaders:
    """What a page may send: whatever headers it asks for, none of which means anything to a stranger here."""
    found = asked is not None and _HEADERS_ASKED.fullmatch(asked)
    return [
        (b"access-control-allow-methods", b"POST"),
        (b"access-control-allow-headers", asked.encode() if asked and found else _USUAL_HEADERS),
        (b"access-control-max-age", b"600"),
        (b"vary", b"access-control-request-headers"),
    ]


def with_error(address: str, code: str) -> str:
    """A form's `error_url` with the reason in it."""
    parts = urlsplit(address)
    query = f"{parts.query}&error={code}" if parts.query else f"error={code}"
    return urlunsplit(parts._replace(query=query))
