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

# Each pattern begins with a set of bytes, over all others of which the search skips at the speed of memchr.
#
# An @ in every way that forms and scripts write it: of full width or small, URL-encoded (twice), as an escape
# of JSON or HTML. Digits of other scripts (Arabic, Persian, Devanagari, Bengali, Thai, of full width): one is
# enough to wait for the mapping, which knows them. And six digits that are escaped themselves.
_BETWEEN = rb"(?:[ \-./()+\x00]|%(?:2[089deDEfFbB]|[cC]2%[aA]0|09)|\\u00(?:20|[aA]0)|\\/|\xc2\xa0){0,8}+"
_MORE_DIGITS = rb"(?:" + _BETWEEN + rb"(?:[0-9]|%3[0-9]|\\u003[0-9])){5}"
_ESCAPED = re.compile(
    rb"[%\\&\xd9\xdb\xe0\xef](?:"
    rb"(?<=%)(?:(?:25)?40|26%23(?:0{0,4}64|[xX]0{0,4}40)|26commat"
    rb"|[dD]9%[aA][0-9]|[dD][bB]%[bB][0-9]|[eE]0%(?:[aA][57]%[aA][6-9a-fA-F]|[bB]9%9[0-9])"
    rb"|[eE][fF]%(?:[bB][cC]%(?:[aA]0|9[0-9])|[bB]9%[aA][bB])"
    rb"|3[0-9]" + _MORE_DIGITS + rb")"
    rb"|(?<=\\)u(?:0040|[fF][fF](?:20|1[0-9])|[fF][eE]6[bB]|06(?:6|[fF])[0-9]|09(?:6|[eE])[6-9a-fA-F]|0[eE]5[0-9]"
    rb"|003[0-9]" + _MORE_DIGITS + rb")"
    rb"|(?<=&)(?:#(?:0{0,4}64|[xX]0{0,4}40)|commat;)"
    rb"|(?<=\xd9)[\xa0-\xa9]|(?<=\xdb)[\xb0-\xb9]|(?<=\xe0)(?:[\xa5\xa7][\xa6-\xaf]|\xb9[\x90-\x99])"
    rb"|(?<=\xef)(?:\xbc[\xa0\x90-\x99]|\xb9\xab))"
)
# Six digits, which may be written apart. The digits of an escape are none: `%20`, `\u00fc`.
_SIX_DIGITS = re.compile(
    rb"[0-9](?<!%.)(?<!%[0-9a-fA-F].)(?<!\\u.)(?<!\\u[0-9a-fA-F].)(?<!\\u[0-9a-fA-F]{2}.)(?<!\\u[0-9a-fA-F]{3}.)"
    + _MORE_DIGITS
)
_CODED_PART = re.compile(rb"(?i)transfer-encoding:[ \t]{0,9}(?:base64|quoted)")

_NONCE = re.compile(
    rb'(?:(?:^|&)_nonce=|"_nonce"\s{0,5}:\s{0,5}"|name="?_nonce"?\r\n\r\n)([A-Za-z0-9_.~-]{8,200})(?:[&"\r\n]|$)'
)
_HEADERS_ASKED = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~, -]{1,1000}")
_USUAL_HEADERS = b"content-type, idempotency-key, traceparent, x-leadloop-test, x-requested-with"


def may_reach(body: bytes) -> bool:
    """Whether anything in a body could be an address or a phone number. In doubt it is."""
    return (
        b"@" in body
        or b"%40" in body
        or _SIX_DIGITS.search(body) is not None
        or _ESCAPED.search(body) is not None
        or (body.startswith(b"--") and _CODED_PART.search(body) is not None)
    )


def nonce(body: bytes) -> str | None:
    """The key of one view of a page, which a form without a script sends in a hidden field."""
    if b"_nonce" not in body:
        return None
    match = _NONCE.search(body)
    return match[1].decode() if match is not None else None


def is_test(value: object) -> bool:
    """Whether a header or a field says that this is only a test."""
    return value is True or value == 1 or (isinstance(value, str) and value.strip().lower() in TRUE)


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
