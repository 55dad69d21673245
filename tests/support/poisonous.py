"""Bodies that once hurt, or could: one line a kind. The fault run sends them, the hostile run times them.

Each fits a form's door: under 64 KiB, posted with a key that everybody can read on the page.
"""

from typing import NamedTuple

SIZE = 60_000
BOUNDARY = "multipart/form-data; boundary=a"
JSON = "application/json"
URLENCODED = "application/x-www-form-urlencoded"


class Poison(NamedTuple):
    """One kind of body, and the content type it comes with."""

    name: str
    content_type: str
    body: bytes


def _part(header: bytes, value: bytes = b"hi") -> bytes:
    return b"--a\r\nContent-Disposition: form-data; name=message" + header + b"\r\n\r\n" + value + b"\r\n"


def _form(*parts: bytes) -> bytes:
    mail = b"--a\r\nContent-Disposition: form-data; name=email\r\n\r\npoison@of-poison.example\r\n"
    return mail + b"".join(parts) + b"--a--\r\n"


def _json(message: bytes) -> bytes:
    return b'{"email": "poison@of-poison.example", "message": ' + message + b"}"


def _nested(levels: int) -> bytes:
    parts = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
        for level in range(levels)
    )
    return b"--a\r\n" + parts + b"\r\n" * 5000 + b"--a--\r\n"


POISONS = (
    Poison("semicolons in a part's header", BOUNDARY, _form(_part(b'; x="' + b";" * SIZE + b'"'))),
    Poison("semicolons without quotes", BOUNDARY, _form(_part(b"; x=" + b";" * SIZE))),
    Poison("quotes in a part's header", BOUNDARY, _form(_part(b'; x="' + b'\\"' * (SIZE // 2) + b'"'))),
    Poison("a header without end", BOUNDARY, b"--a\r\nContent-Disposition: " + b"a" * SIZE),
    Poison("nested multiparts", BOUNDARY, _nested(400)),
    Poison(
        "mails in mails", BOUNDARY, b"--a\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 1900 + b"--a--\r\n"
    ),
    Poison("two hundred parts", BOUNDARY, _form(*[_part(b"%d" % n) for n in range(199)])),
    Poison("a thousand parts", BOUNDARY, _form(*[_part(b"%d" % n, b"") for n in range(1000)])),
    Poison("nothing but delimiters", BOUNDARY, b"--a\r\n" * (SIZE // 5)),
    Poison("half delimiters", BOUNDARY, _form(_part(b"", b"\r\n--" * (SIZE // 4)))),
    Poison("a boundary that is all dashes", "multipart/form-data; boundary=" + "-" * 60, b"-" * SIZE),
    Poison("wrong bytes in a field", BOUNDARY, _form(_part(b"", bytes(range(128, 256)) * (SIZE // 128)))),
    Poison(
        "base64 that is none", BOUNDARY, _form(_part(b"\r\nContent-Transfer-Encoding: base64", b"=" * SIZE))
    ),
    Poison("deep JSON", JSON, _json(b"[" * (SIZE // 2) + b"]" * (SIZE // 2))),
    Poison("deep JSON without an end", JSON, b'{"a":' * (SIZE // 5)),
    Poison("wide JSON", JSON, _json(b"[" + b",".join([b'{"a":{"b":[1,{"c":2}]}}'] * 2000) + b"]")),
    Poison("a giant number", JSON, _json(b"9" * SIZE)),
    Poison("many giant exponents", JSON, _json(b"[" + b",".join([b"1e308"] * 9000) + b"]")),
    Poison("lone surrogates", JSON, _json(b'"' + b"\\ud800" * (SIZE // 6) + b'"')),
    Poison("NUL characters", JSON, _json(b'"' + b"\\u0000" * (SIZE // 6) + b'"')),
    Poison("bytes that are no text", JSON, b"\xff\xfe" * (SIZE // 2)),
    Poison("a name of combining marks", JSON, _json(b'"a' + "\u0301".encode() * (SIZE // 2) + b'"')),
    Poison("one letter, joined and joined", JSON, _json(b'"' + "\u200d\U0001f468".encode() * 8000 + b'"')),
    Poison("an address of dots", JSON, b'{"email": "a@' + b"a." * (SIZE // 2) + b'"}'),
    Poison("an address of signs", JSON, b'{"email": "' + b"a@" * (SIZE // 2) + b'"}'),
    Poison("a number of digits", JSON, b'{"phone": "+' + b"9" * SIZE + b'"}'),
    Poison("a number of brackets", JSON, b'{"phone": "' + b"(+" * (SIZE // 2) + b'"}'),
    Poison("pairs of nothing", URLENCODED, b"&" * SIZE),
    Poison("equal signs", URLENCODED, b"email=poison%40of-poison.example&message=" + b"=" * SIZE),
    Poison("percent signs", URLENCODED, b"email=poison%40of-poison.example&message=" + b"%" * SIZE),
    Poison("wrong escapes", URLENCODED, b"email=poison%40of-poison.example&message=" + b"%ff" * (SIZE // 3)),
    Poison("one name, again and again", URLENCODED, b"a=1&" * (SIZE // 4)),
    Poison(
        "an address of parameters", JSON, b'{"page": "https://a.example/?' + b"utm_source=x&" * 4000 + b'"}'
    ),
    Poison("escaped ampersands", JSON, b'{"page_url": "https://a.example/?' + b"&amp;" * 11000 + b'"}'),
    Poison("no type at all", "", b"\x00" * SIZE),
    Poison("plain text", "text/plain", b"email=poison@of-poison.example\r\n" + b"message=;\r\n" * 5000),
)
