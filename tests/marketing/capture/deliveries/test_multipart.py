"""Multipart posts as browsers and programs send them, and what is no such thing."""

import pytest

from services.marketing.capture.deliveries.bodies import check_framing, parse_form
from shared.errors import ProblemError, UnparseableError

MULTIPART = "multipart/form-data; boundary=x"
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
    "a name in Latin-1": (part(b'name="\xe4"') + END, {"ä": "1"}),
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
    "a value in Latin-1": (part(b'name="a"', b"J\xfcrgen") + END, {"a": "Jürgen"}),
    "a value whose part names its encoding": (
        part(b'name="a"', b"\xb3", b"Content-Type: text/plain; charset=ISO-8859-2\r\n") + END,
        {"a": "ł"},
    ),
    "values in the encoding of the page": (
        part(b'name="_charset_"', b"iso-8859-2") + part(b'name="a"', b"\xb3") + END,
        {"a": "ł"},
    ),
    "a NUL": (part(b'name="a"', b"1\x002") + END, {"a": "12"}),
    "base64 that is none": (
        part(b'name="a"', b"Q", b"Content-Transfer-Encoding: base64\r\n") + END,
        {"a": "Q"},
    ),
    "a file that nobody chose": (
        part(b'name="cv"; filename=""', b"", b"Content-Type: application/octet-stream\r\n") + ONE + END,
        {"a": "1"},
    ),
    "a file": (
        part(b'name="cv"; filename="brief.pdf"', b"%PDF-1.7 \xff\x00", b"Content-Type: application/pdf\r\n")
        + ONE
        + END,
        {"cv": "brief.pdf (not kept)", "a": "1"},
    ),
    "an empty file": (part(b'name="cv"; filename="a.txt"', b"") + END, {"cv": "a.txt (not kept)"}),
    "a file without a name": (part(b'name="cv"; filename=""') + END, {"cv": "a file (not kept)"}),
    "a file with the path that old browsers send": (
        part(rb'name="cv"; filename="C:\docs\a.txt"') + END,
        {"cv": "a.txt (not kept)"},
    ),
    "a file by filename*": (
        part(b"name=cv; FileName*=UTF-8''%C3%A4.pdf") + END,
        {"cv": "ä.pdf (not kept)"},
    ),
    "several files": (
        part(b'name="cv"; filename="a"') + part(b'name="cv"; filename="b"') + END,
        {"cv": ["a (not kept)", "b (not kept)"]},
    ),
    "as many parts as are taken": (ONE * 200 + END, {"a": ["1"] * 200}),
}
REFUSED: dict[str, tuple[bytes, type[ProblemError]]] = {
    "nothing": (b"", UnparseableError),
    "no last boundary": (ONE, UnparseableError),
    "no end of the headers": (b"--x\r\nContent-Disposition: form-data", UnparseableError),
    "no headers": (b"--x\r\n\r\n1\r\n" + END, UnparseableError),
    "no name": (part(b"") + END, UnparseableError),
    "a part in parts": (
        part(b'name="a"', b"--y\r\n\r\n1\r\n--y--", b"Content-Type: multipart/mixed; boundary=y\r\n") + END,
        UnparseableError,
    ),
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
    for read in (parse_form, check_framing):
        with pytest.raises(error):
            read(body, MULTIPART)


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
