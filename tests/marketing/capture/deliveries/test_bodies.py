"""Form posts as browsers and programs send them, and bodies that are made to cost time."""

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
from services.marketing.capture.deliveries.bodies import parse_form
from services.marketing.capture.sources.rules import ConnectionSettings, FormSettings
from shared.errors import ProblemError, UnparseableError, UnsupportedMediaError
from shared.http.limits import BODY_LIMIT, WEBHOOK_LIMIT

MULTIPART = "multipart/form-data; boundary=x"
URLENCODED = "application/x-www-form-urlencoded"
JSON = "application/json"
END = b"--x--\r\n"


def part(disposition: bytes, value: bytes = b"1", more: bytes = b"") -> bytes:
    header = b"Content-Disposition: form-data; " + disposition
    return b"--x\r\n" + header + b"\r\n" + more + b"\r\n" + value + b"\r\n"


ONE = part(b'name="a"')
READ: dict[str, tuple[bytes, object]] = {
    "one field": (ONE + END, {"a": "1"}),
    "no line end after the last boundary": (ONE + b"--x--", {"a": "1"}),
    "no fields": (END, {}),
    "no value": (part(b'name="a"', b"") + END, {"a": ""}),
    "one name several times": (ONE + part(b'name="a"', b"2") + END, {"a": ["1", "2"]}),
    "a name in UTF-8": (part('name="größe"'.encode()) + END, {"größe": "1"}),
    "a name in another coding": (part(b'name="\xe4"') + END, {"\ufffd": "1"}),
    "a name with escaped quotes": (part(rb'name="a\"b"') + END, {'a"b': "1"}),
    "a name with quotes as browsers write them": (part(rb'name="a%22b"') + END, {"a%22b": "1"}),
    "a name with a semicolon": (part(b'name="a;b"') + END, {"a;b": "1"}),
    "a name that looks like a file's": (part(b'name="a; filename*=x"') + END, {"a; filename*=x": "1"}),
    "a name without quotes": (part(b"name=a") + END, {"a": "1"}),
    "a value in UTF-8": (part(b'name="a"', "ä".encode()) + END, {"a": "ä"}),
    "a value of several lines": (part(b'name="a"', b"\r\n1\n2\r\n") + END, {"a": "\r\n1\n2\r\n"}),
    "a value like a boundary": (part(b'name="a"', b"--xy\r\n--") + END, {"a": "--xy\r\n--"}),
    "lines that end with LF": (
        (part(b'name="a"', b"1\r\n2") + END).replace(b"\r\n", b"\n"),
        {"a": "1\n2"},
    ),
    "text before the first boundary": (b"hello\r\n" + ONE + END, {"a": "1"}),
    "text after the last boundary": (ONE + END + b"bye", {"a": "1"}),
    "a part in base64": (
        part(b'name="a"', b"QUI=", b"Content-Transfer-Encoding: base64\r\n") + END,
        {"a": "AB"},
    ),
    "a part in quoted-printable": (
        part(b'name="a"', b"=41", b"Content-Transfer-Encoding: quoted-printable\r\n") + END,
        {"a": "A"},
    ),
    "a part that says it is 8bit": (
        part(b'name="a"', b"1", b"Content-Transfer-Encoding: 8bit\r\n") + END,
        {"a": "1"},
    ),
    "as many parts as are taken": (ONE * 200 + END, {"a": ["1"] * 200}),
}
REFUSED: dict[str, tuple[bytes, type[ProblemError]]] = {
    "nothing": (b"", UnparseableError),
    "no last boundary": (ONE, UnparseableError),
    "no end of the headers": (b"--x\r\nContent-Disposition: form-data", UnparseableError),
    "no headers": (b"--x\r\n\r\n1\r\n" + END, UnparseableError),
    "no name": (part(b"") + END, UnparseableError),
    "a value that is not UTF-8": (part(b'name="a"', b"\xe4") + END, UnparseableError),
    "base64 that is none": (
        part(b'name="a"', b"Q", b"Content-Transfer-Encoding: base64\r\n") + END,
        UnparseableError,
    ),
    "a NUL": (part(b'name="a"', b"\x00") + END, UnparseableError),
    "a part in parts": (
        part(b'name="a"', b"--y\r\n\r\n1\r\n--y--", b"Content-Type: multipart/mixed; boundary=y\r\n") + END,
        UnparseableError,
    ),
    "a file": (part(b'name="a"; filename="a.txt"') + END, UnsupportedMediaError),
    "a file without a name": (part(b'name="a"; filename=""') + END, UnsupportedMediaError),
    "a file by filename*": (part(b"name=a; FileName*=UTF-8''a") + END, UnsupportedMediaError),
    "more parts than are taken": (ONE * 201 + END, UnparseableError),
    "more semicolons than a part's name may have": (
        part(b'name="' + b";" * 33 + b'"') + END,
        UnparseableError,
    ),
    "headers larger than a part's may be": (
        part(b'name="a"', b"1", b"X: " + b"x" * 1000 + b"\r\n") + END,
        UnparseableError,
    ),
}


@pytest.mark.parametrize(("body", "found"), READ.values(), ids=READ)
def test_what_browsers_and_programs_send_is_read(body: bytes, found: object) -> None:
    assert parse_form(body, MULTIPART) == found


@pytest.mark.parametrize(("body", "error"), REFUSED.values(), ids=REFUSED)
def test_what_can_not_be_read_is_refused(body: bytes, error: type[ProblemError]) -> None:
    with pytest.raises(error):
        parse_form(body, MULTIPART)


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        'multipart/form-data; boundary="ä"',
        "multipart/form-data; boundary=x\r\nb: c",
        "multipart/form-data; boundary=" + "x" * 260,
        "multipart/form-data; boundary=x;" + ";" * 16_000,
    ],
)
def test_a_content_type_has_to_name_a_boundary(content_type: str) -> None:
    with pytest.raises(UnparseableError):
        parse_form(ONE + END, content_type)


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
