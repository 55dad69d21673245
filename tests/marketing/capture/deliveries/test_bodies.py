"""Form posts that are no multipart, in all the ways that browsers, builders and scripts write them."""

import pytest

from services.marketing.capture.deliveries.bodies import parse_form, parse_object
from shared.errors import UnparseableError, UnsupportedMediaError

URLENCODED = "application/x-www-form-urlencoded"
JSON = "application/json"
# What is no multipart: the body, its content type, and what is read.
OTHERS: dict[str, tuple[bytes, str | None, object]] = {
    "URL-encoded": (
        b"name=Ada+Nowak&email=ada%40b.co",
        URLENCODED,
        {"name": "Ada Nowak", "email": "ada@b.co"},
    ),
    "checkboxes": (b"a[]=1&a[]=2&a[]=3", URLENCODED, {"a[]": ["1", "2", "3"]}),
    "a name without a value": (b"a&b=1", URLENCODED, {"a": "", "b": "1"}),
    "a line end after it": (b"a=1\r\n", URLENCODED, {"a": "1"}),
    "half an escape": (b"a=100%&b=%4", URLENCODED, {"a": "100%", "b": "%4"}),
    "more fields than are taken": (
        b"&".join(b"f%d=1" % n for n in range(1500)),
        URLENCODED,
        {f"f{n}": "1" for n in range(1000)},
    ),
    "percent-encoded Latin-1": (b"name=J%FCrgen", URLENCODED, {"name": "Jürgen"}),
    "percent-encoded UTF-8": (b"name=J%C3%BCrgen", URLENCODED, {"name": "Jürgen"}),
    "Latin-1 that is declared": (b"name=J%FCrgen", URLENCODED + "; charset=ISO-8859-1", {"name": "Jürgen"}),
    "what Windows adds to Latin-1": (b"a=%80+%93x%94", URLENCODED, {"a": "€ “x”"}),
    "another encoding that is declared": (
        b"a=%B3%F3d%BC",
        URLENCODED + "; charset=ISO-8859-2",
        {"a": "łódź"},
    ),
    "an encoding in quotes": (b"a=%B3", URLENCODED + '; charset="iso-8859-2"', {"a": "ł"}),
    "an encoding of Windows": (b"a=%CF%F0%E8", URLENCODED + "; charset=windows-1251", {"a": "При"}),
    "GBK": (b"a=%C4%E3", URLENCODED + "; charset=gbk", {"a": "你"}),
    "an encoding in a field": (b"_charset_=iso-8859-2&a=%B3", URLENCODED, {"a": "ł"}),
    "an encoding that there is not": (b"a=%C3%BC", URLENCODED + "; charset=klingon", {"a": "ü"}),
    "an encoding of something else": (b"a=%C3%BC", URLENCODED + "; charset=hex", {"a": "ü"}),
    "UTF-8 that is declared and is none": (b"a=%FC", URLENCODED + "; charset=utf-8", {"a": "ü"}),
    "raw UTF-8": ("name=Zoë&a=日本".encode(), URLENCODED, {"name": "Zoë", "a": "日本"}),
    "raw Latin-1": (b"name=Zo\xeb", URLENCODED, {"name": "Zoë"}),
    "UTF-8 beside Latin-1": (b"a=%C3%BC&b=%FC", URLENCODED, {"a": "ü", "b": "ü"}),
    "UTF-8 cut in the middle of a letter": ("a=Zoë 😀".encode()[:-2], URLENCODED, {"a": "Zoë \ufffd"}),
    "surrogates as letters": (b"a=%ED%A0%BD%ED%B8%80&b=%ED%A0%BD", URLENCODED, {"a": "😀", "b": "\ufffd"}),
    "a NUL in a field": (b"a%00=1%002", URLENCODED, {"a": "12"}),
    "a mark at the start": (b"\xef\xbb\xbfa=1", URLENCODED, {"a": "1"}),
    "UTF-16": ("\ufeffa=ü".encode("utf-16-le"), URLENCODED, {"a": "ü"}),
    "nothing at all": (b"", URLENCODED, {}),
    "nothing at all in JSON": (b" ", JSON, {}),
    "JSON": ('{"name":"Zoë"}'.encode(), JSON, {"name": "Zoë"}),
    "JSON with its encoding": (b'{"a":1}', JSON + "; charset=utf-8", {"a": 1}),
    "JSON with a mark": (b'\xef\xbb\xbf{"a":"1"}', JSON, {"a": "1"}),
    "JSON in UTF-16": ('\ufeff{"a":"ü"}'.encode("utf-16-be"), JSON, {"a": "ü"}),
    "JSON in Latin-1": (b'{"a":"J\xfcrgen"}', JSON, {"a": "Jürgen"}),
    "JSON in an encoding that is declared": (b'{"a":"\xb3"}', JSON + "; charset=iso-8859-2", {"a": "ł"}),
    "half an emoji": (rb'{"a":"Bad \ud83d","b":"\ud83d\ude00"}', JSON, {"a": "Bad \ufffd", "b": "😀"}),
    "half an emoji in a name": (rb'{"\ude00":1}', JSON, {"\ufffd": 1}),
    "what only looks like one": (rb'{"a":"\\ud83d"}', JSON, {"a": r"\ud83d"}),
    "a NUL in JSON": (rb'{"a\u0000":"1\u00002"}', JSON, {"a": "12"}),
    "raw line ends in a text": (b'{"a":"1\r\n2\t3"}', JSON, {"a": "1\r\n2\t3"}),
    "a number beyond 64 bits": (
        b'{"id":123456789012345678901234567890}',
        JSON,
        {"id": "1234567890123456789" + "01234567890"},
    ),
    "a number beyond all": (b'{"a":1e400,"b":NaN}', JSON, {"a": "1e400", "b": "NaN"}),
    "JSON as text": (b'{"email":"a@b.co"}', "text/plain;charset=UTF-8", {"email": "a@b.co"}),
    "JSON without a type": (b' {"email":"a@b.co"}', None, {"email": "a@b.co"}),
    "JSON that is called URL-encoded": (
        b'{"email":"a@b.co","q":"1=1"}',
        URLENCODED,
        {"email": "a@b.co"} | {"q": "1=1"},
    ),
    "JSON of another name": (b'{"a":1}', "application/vnd.api+json", {"a": 1}),
    "JSON of no name": (b'{"a":1}', "application/octet-stream", {"a": 1}),
    "JSON written twice": (rb'"{\"email\":\"a@b.co\"}"', JSON, {"email": "a@b.co"}),
    "an object in a list": (b'[{"email":"a@b.co"}]', JSON, {"email": "a@b.co"}),
    "names and values": (
        b'[{"name":"email","value":"a@b.co"},{"name":"t","value":"1"},{"name":"t","value":"2"}]',
        JSON,
        {"email": "a@b.co", "t": ["1", "2"]},
    ),
    "URL-encoded as text": (b"name=Ada&email=a%40b.co", "text/plain", {"name": "Ada", "email": "a@b.co"}),
    "URL-encoded without a type": (b"email=a%40b.co", None, {"email": "a@b.co"}),
    "URL-encoded that is called JSON": (b"email=a%40b.co", JSON, {"email": "a@b.co"}),
    "lines of text": (
        b"name=Ada & Ben\r\nemail=a@b.co\r\nmessage=1\r\nsecond line\r\n",
        "text/plain",
        {"name": "Ada & Ben", "email": "a@b.co", "message": "1\nsecond line"},
    ),
}
UNREADABLE: dict[str, tuple[bytes, str | None]] = {
    "JSON that is broken": (b'{"email":"a@b.co"', JSON),
    "JSON that is broken, as text": (b'{"email":"a@b.co"', "text/plain"),
    "no JSON at all": (b"hello", JSON),
    "a list": (b"[1,2]", JSON),
    "a text": (b'"hello"', JSON),
    "plain text": (b"hello", "text/plain"),
    "a page": (b"<html lang=en></html>", "text/html"),
    "XML": (b'<?xml version="1.0"?><a/>', "application/xml"),
    "levels without end": (b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}", JSON),
    "elements without end": (b'{"a":[' + b"1," * 9000 + b"1]}", JSON),
}


@pytest.mark.parametrize(("body", "kind", "found"), OTHERS.values(), ids=OTHERS)
def test_a_form_is_read_in_whatever_way_it_is_written(body: bytes, kind: str | None, found: object) -> None:
    assert parse_form(body, kind) == found


@pytest.mark.parametrize(("body", "kind"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_form_is_said_to_be_none(body: bytes, kind: str | None) -> None:
    with pytest.raises((UnparseableError, UnsupportedMediaError)):
        parse_form(body, kind)


STRICT = [b"", b"[]", b"{", rb'{"a":"\ud83d"}', rb'{"a":"\u0000"}', b'\xef\xbb\xbf{"a":1}', b'{"a":1e400}']


@pytest.mark.parametrize("body", STRICT)
def test_servers_are_told_what_is_wrong(body: bytes) -> None:
    with pytest.raises(UnparseableError):
        parse_object(body)
