"""Bodies that are made to cost time: what one KB of each may cost every reader."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from uuid import UUID

import pytest

from services.marketing.capture.connectors.google_ads import adapter as google_ads
from services.marketing.capture.connectors.meta import adapter as meta
from services.marketing.capture.connectors.rules import NoticeError, UnreadableError
from services.marketing.capture.connectors.server_api import adapter as server_api
from services.marketing.capture.connectors.web_form import adapter as web_form
from services.marketing.capture.sources.rules import ConnectionSettings, FormSettings
from shared.http.limits import BODY_LIMIT, WEBHOOK_LIMIT

MULTIPART = "multipart/form-data; boundary=x"
URLENCODED = "application/x-www-form-urlencoded"
JSON = "application/json"
END = b"--x--\r\n"


def part(disposition: bytes, value: bytes = b"1") -> bytes:
    return b"--x\r\nContent-Disposition: form-data; " + disposition + b"\r\n\r\n" + value + b"\r\n"


ONE = part(b'name="a"')


# What one KB of a body may cost on a machine with other work; honest bodies cost a tenth of it. The parser
# of e-mail that was here once took 70 times as much for the semicolons.
MILLISECONDS_A_KB = 0.5
FORM = FormSettings(UUID(int=1), "pk_x", honeypot_field="trap")
CONNECTION = ConnectionSettings(UUID(int=2), "cn_x", "google_ads")


def nested_parts(depth: int) -> bytes:
    lines = [
        b"--x\r\nContent-Type: multipart/mixed; boundary=x%d\r\n\r\n--x%d\r\n" % (n, n) for n in range(depth)
    ]
    return b"".join(lines)


def filled(unit: bytes, before: bytes = b"", after: bytes = b"", size: int = BODY_LIMIT) -> bytes:
    """The unit as often as it fits into the largest body that is taken."""
    return before + unit * ((size - len(before) - len(after)) // len(unit)) + after


def many(names: int) -> bytes:
    return json.dumps({f"field {n}": "x" * 250 for n in range(names)}).encode()


HEAD = b'--x\r\nContent-Disposition: form-data; name="a"'
COSTLY: dict[str, tuple[str, bytes]] = {
    "semicolons in a part's header": (MULTIPART, filled(b";", HEAD, b"\r\n\r\n1\r\n" + END)),
    "semicolons in many parts' headers": (MULTIPART, filled(part(b'name="a"' + b";" * 940), after=END)),
    "as many semicolons as are taken": (MULTIPART, filled(part(b'name="a"' + b";" * 31), after=END)),
    "stars in many parts' headers": (MULTIPART, filled(part(b'name="a"' + b";*=" * 31), after=END)),
    "quotes in a part's header": (MULTIPART, filled(b'";', HEAD, b"\r\n\r\n1\r\n" + END)),
    "quotes in many parts' headers": (MULTIPART, filled(part(b'name="a"' + b'";' * 140), after=END)),
    "as large headers as are taken": (MULTIPART, filled(part(b'name="a"' + b'";' * 470), after=END)),
    "a header without end": (MULTIPART, filled(b"a", HEAD)),
    "a name of a header without end": (MULTIPART, filled(b"a", b"--x\r\n")),
    "headers without end": (MULTIPART, filled(b"a: b\r\n", b"--x\r\n")),
    "folded headers": (MULTIPART, filled(b"\r\n b", HEAD)),
    "parts in parts": (MULTIPART, nested_parts(1000)[:BODY_LIMIT]),
    "boundaries only": (MULTIPART, filled(b"--x\r\n")),
    "boundaries with spaces": (MULTIPART, filled(b"--x \r\n", ONE)),
    "almost boundaries": (MULTIPART, filled(b"\r\n--y", HEAD + b"\r\n\r\n", b"\r\n" + END)),
    "boundaries that go on": (MULTIPART, filled(b"\r\n--xx", HEAD + b"\r\n\r\n", b"\r\n" + END)),
    "boundaries that nearly end": (MULTIPART, filled(b"\r\n--x-", HEAD + b"\r\n\r\n", b"\r\n" + END)),
    "line ends": (MULTIPART, filled(b"\r\n", HEAD + b"\r\n\r\n", END)),
    "carriage returns": (MULTIPART, filled(b"\r", HEAD + b"\r\n\r\n", END)),
    "line feeds": (MULTIPART, filled(b"\n", HEAD.replace(b"\r", b"") + b"\n\n", b"\n--x--")),
    "quoted-printable": (
        MULTIPART,
        filled(b"=", HEAD + b"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", b"\r\n" + END),
    ),
    "many small parts": (MULTIPART, filled(ONE, after=END)),
    "ampersands": (URLENCODED, filled(b"&")),
    "equals signs": (URLENCODED, filled(b"=")),
    "percent signs": (URLENCODED, filled(b"%41")),
    "half escapes": (URLENCODED, filled(b"%", b"a=")),
    "plus signs": (URLENCODED, filled(b"+", b"a=")),
    "a long name": (URLENCODED, filled(b"a", after=b"=1")),
    "one name again and again": (URLENCODED, b"&".join([b"a=" + b"1" * 300] * 200)),
    "as many names as are taken": (URLENCODED, b"&".join(b"a%d=1" % n for n in range(200))),
    "a landing page of many parts": (URLENCODED, filled(b"%26a%3D", b"landing_url=https%3A%2F%2Fa.b%2F%3F")),
    "an encoding of one to four bytes": (URLENCODED + "; charset=gb18030", filled(b"%81%30", b"a=")),
    "an encoding that switches": (URLENCODED + "; charset=iso-2022-jp", filled(b"%1B%24B%21%21", b"a=")),
    "an encoding that fails": (URLENCODED + "; charset=shift_jis", filled(b"%81%FF", b"a=")),
    "surrogates as letters": (URLENCODED, filled(b"%ED%A0%BD", b"a=")),
    "encodings that there are not": (
        MULTIPART,
        b"".join(
            b"--x\r\nContent-Disposition: form-data; name=a\r\nContent-Type: a/b; charset=no%d\r\n\r\n1\r\n"
            % n
            for n in range(200)
        )
        + END,
    ),
    "files": (MULTIPART, filled(part(b"name=a; filename*=UTF-8''" + b"%41" * 300), after=END)),
    "lines of text": ("text/plain", filled(b"a=1\n")),
    "lines of text that go on": ("text/plain", filled(b"x\n", b"a=1\n")),
    "half emojis": (JSON, filled(rb"\ud83d", b'{"a":"', b'"}')),
    "raw line ends in JSON": (JSON, filled(b"\n", b'{"a":"', b'"}')),
    "JSON in UTF-16": (JSON, ('\ufeff{"a":"' + "ü" * 32_000 + '"}').encode("utf-16-le")),
    "JSON written twice": (JSON, filled(rb"\\", b'"{\\"a\\":\\"', b'\\"}"')),
    "names and values": (JSON, b"[" + b",".join([b'{"name":"a","value":"1"}'] * 600) + b"]"),
    "lists in lists": (JSON, filled(b"[", b'{"a":')),
    "objects in objects": (JSON, filled(b'{"a":')),
    "lists in lists that end": (JSON, b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}"),
    "many keys": (JSON, b"{" + b",".join(b'"a%d":1' % n for n in range(6_000)) + b"}"),
    "one key again and again": (JSON, b"{" + b",".join([b'"a":1'] * 9_000) + b"}"),
    "as many keys as are taken": (JSON, many(200)),
    "many elements": (JSON, filled(b"1,", b'{"a":[', b"1]}")),
    "a huge number": (JSON, filled(b"9", b'{"a":', b"}")),
    "a huge fraction": (JSON, filled(b"9", b'{"a":0.', b"}")),
    "a huge exponent": (JSON, filled(b"9", b'{"a":1e', b"}")),
    "escapes": (JSON, filled(b"\\u0041", b'{"a":"', b'"}')),
    "NULs": (JSON, filled(b"\\u0000", b'{"a":"', b'"}')),
    "a long key": (JSON, filled(b"a", b'{"', b'":1}')),
    "spaces": (JSON, filled(b" ", b"{", b"}")),
    "a long e-mail address": (JSON, filled(b"a.", b'{"email":"', b'@b.co"}')),
    "digits in a name": (JSON, filled(b"1 ", b'{"company":"', b'"}')),
    "thousands of a company's people": (JSON, filled(b"1,000", b'{"employees":"', b'"}')),
    "leads of another system": (JSON, b'{"leads":[' + b",".join([b"{}"] * 190) + b"]}"),
    "entries of a platform": (JSON, filled(b'{"changes":[]},', b'{"entry":[', b"{}]}", WEBHOOK_LIMIT)),
    "columns of a platform": (JSON, filled(b'{"column_id":"A"},', b'{"user_column_data":[', b"{}]}")),
}
READERS: dict[str, Callable[[bytes, str], object]] = {
    "web form": lambda body, kind: web_form.read(body, kind, FORM),
    "server": lambda body, _: server_api.read(body),
    "google_ads": lambda body, _: google_ads.read(body, CONNECTION),
    "meta": lambda body, _: meta.read(body),
}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@pytest.mark.parametrize(("kind", "body"), COSTLY.values(), ids=COSTLY)
def test_no_body_costs_more_than_its_size_allows(
    kind: str, body: bytes, reader: Callable[[bytes, str], object]
) -> None:
    allowed = 10 + MILLISECONDS_A_KB * len(body) / 1024
    # A collection of garbage may fall into one try, and not into all three.
    assert any(milliseconds(partial(reader, body, kind)) < allowed for _ in range(3))


def milliseconds(read: Callable[[], object]) -> float:
    began = time.process_time()
    with suppress(UnreadableError, NoticeError):
        read()
    return 1000 * (time.process_time() - began)
