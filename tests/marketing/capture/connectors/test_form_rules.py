"""What the form's door sees in raw bytes and headers without understanding them."""

import time
from collections.abc import Callable

import pytest

from services.marketing.capture.connectors.web_form import pages, rules
from shared.http.limits import BODY_LIMIT

REACHING: dict[str, bytes] = {
    "an address": b'{"email":"ada@b.co"}',
    "an address in a message": b"message=write+to+ada@b.co",
    "an escaped @": b"email=ada%40b.co",
    "an @ escaped twice": b"email=ada%2540b.co",
    "an @ as an escape of JSON": rb'{"email":"ada\u0040b.co"}',
    "an @ as HTML": b'{"email":"ada&#64;b.co"}',
    "an @ as HTML in hexadecimal": b'{"email":"ada&#x40;b.co"}',
    "an @ as HTML by its name": b'{"email":"ada&commat;b.co"}',
    "an @ as HTML, escaped": b"email=ada%26%2364%3Bb.co",
    "an @ of full width": 'x="ada＠b.co"'.encode(),
    "an @ of full width, escaped": b"email=ada%EF%BC%A0b.co",
    "an @ of full width as an escape of JSON": rb'{"email":"ada\uFF20b.co"}',
    "an address in UTF-16": '\ufeff{"email":"ada@b.co"}'.encode("utf-16-le"),
    "a part in base64": b"--x\r\nContent-Transfer-Encoding: base64\r\n\r\nYUBiLmNv\r\n--x--",
    "a part in quoted-printable": b"--x\r\ncontent-transfer-encoding: Quoted-Printable\r\n\r\na=40b\r\n--x--",
    "six digits": b"phone=123456",
    "a number": b'{"phone":4930901820}',
    "a number with spaces": b"phone=030 90 18 20",
    "a number in groups": b"tel=%2B49+%280%29+30+90-18.20%2F1",
    "a number with escaped spaces": b"tel=030%2090%2018%2020",
    "a number with no-break spaces": "tel=030\xa090\xa018\xa020".encode(),
    "a number with brackets": b'{"t":"(030) 90/18"}',
    "a number with an escaped slash": rb'{"t":"030\/9018"}',
    "a number whose digits are escaped": b"tel=%30%33%30%39%30%31",
    "a number whose digits are escapes of JSON": rb'{"t":"\u0030\u0033\u0030\u0039\u0030\u0031"}',
    "Arabic digits": 'x="٠٣٠"'.encode(),
    "Arabic digits, escaped": b"t=%D9%A0%D9%A3",
    "Arabic digits as escapes of JSON": rb'{"t":"\u0660"}',
    "Persian digits": "۰۳۰".encode(),
    "Devanagari digits": "०३०".encode(),
    "digits of full width": "０３０".encode(),
    "digits of full width as escapes of JSON": rb'{"t":"\uff10"}',
    "digits in UTF-16": '\ufeff{"t":"030 9018"}'.encode("utf-16-le"),
}
OUT_OF_REACH: dict[str, bytes] = {
    "nothing": b"",
    "a name": b'{"name":"Nobody"}',
    "a name, URL-encoded": b"name=Nora%20Nobody&message=Hi+there",
    "umlauts": b"name=J%C3%BCrgen%20M%C3%BCller",
    "umlauts as escapes of JSON": rb'{"name":"J\u00fcrgen M\u00fcller \u0434\u0430\u0020\u043d"}',
    "Cyrillic": b"name=%D0%9F%D1%80%D0%B8%D0%B2%D0%B5%D1%82%20%D0%BC%D0%B8%D1%80",
    "Arabic": b"name=%D8%B9%D9%84%DB%8C",
    "Persian": "علی رضا کریمی".encode(),
    "an emoji": "😀".encode(),
    "a postcode": b"city=Berlin%2010115",
    "a year": b"year=2026&size=51-200",
    "ids of a builder": b"_wpcf7=12&_wpcf7_version=5.9&your-name=Cora",
    "digits of several fields": b"a=12&b=34&c=56",
    "digits with words between": b"m=12+and+34+and+56",
    "an address without its sign": b"email=nora.firma.example",
}


@pytest.mark.parametrize("body", REACHING.values(), ids=REACHING)
def test_whatever_may_reach_a_person_is_seen(body: bytes) -> None:
    assert rules.may_reach(body)


@pytest.mark.parametrize("body", OUT_OF_REACH.values(), ids=OUT_OF_REACH)
def test_that_nobody_can_be_reached_is_seen_without_a_mapping(body: bytes) -> None:
    assert not rules.may_reach(body)


COSTLY: dict[str, Callable[[int], bytes]] = {
    "letters": lambda n: b"a" * n,
    "spaces": lambda n: b"1" + b" " * n,
    "five digits again and again": lambda n: b"12345x" * (n // 6),
    "digits far apart": lambda n: (b"1" + b" " * 9) * (n // 10),
    "escapes": lambda n: b"%20" * (n // 3),
    "digits and escapes": lambda n: b"1%20%20%20%20%20%20%20%20%20" * (n // 28),
    "escapes of JSON": lambda n: rb"\u00fc" * (n // 6),
    "five escaped digits": lambda n: b"%30%30%30%30%30x" * (n // 16),
    "ampersands": lambda n: b"&#00" * (n // 4),
    "bytes of other scripts": lambda n: b"\xd9\x80\xe0\xa4\xef\xbc" * (n // 6),
    "nonces": lambda n: b"&_nonce=" * (n // 8),
    "spaces of nonces": lambda n: b'"_nonce"     ' * (n // 13),
}


@pytest.mark.parametrize("made", COSTLY.values(), ids=COSTLY)
def test_the_look_at_a_body_is_cheap(made: Callable[[int], bytes]) -> None:
    """About 10 µs for 500 bytes on a quiet machine, and never more than its size allows."""
    body = made(BODY_LIMIT)

    def milliseconds() -> float:
        began = time.process_time()
        rules.may_reach(body)
        rules.nonce(body)
        return 1000 * (time.process_time() - began)

    assert min(milliseconds() for _ in range(3)) < 16  # 64 KiB


NONCES: dict[str, tuple[bytes, str | None]] = {
    "none": (b"name=Ada", None),
    "URL-encoded": (b"name=Ada&_nonce=abc-DEF_12345&x=1", "abc-DEF_12345"),
    "first of all": (b"_nonce=abcdefgh", "abcdefgh"),
    "JSON": (b'{"a":1,"_nonce": "abcdefgh"}', "abcdefgh"),
    "a part": (
        b'--x\r\nContent-Disposition: form-data; name="_nonce"\r\n\r\nabcdefgh\r\n--x--',
        "abcdefgh",
    ),
    "in what a person wrote": (rb'{"message":"\"_nonce\":\"abcdefgh\""}', None),
    "of another name": (b"my_nonce=abcdefgh", None),
    "too short": (b"_nonce=abc", None),
    "of other letters": (b"_nonce=abc%20defgh", None),
    "too long": (b"_nonce=" + b"a" * 300, None),
}


@pytest.mark.parametrize(("body", "found"), NONCES.values(), ids=NONCES)
def test_a_page_without_a_script_sends_its_key_in_a_field(body: bytes, found: str | None) -> None:
    assert rules.nonce(body) == found


CALLERS: dict[str, tuple[dict[bytes, str], bool]] = {
    "a browser": ({b"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}, True),
    "a browser that says how it goes": ({b"accept": "text/html", b"sec-fetch-mode": "navigate"}, True),
    "fetch": ({b"accept": "*/*", b"sec-fetch-mode": "cors"}, False),
    "fetch that asks for anything": ({b"accept": "text/html,*/*", b"sec-fetch-mode": "cors"}, False),
    "a beacon": ({b"accept": "*/*", b"sec-fetch-mode": "no-cors"}, False),
    "a script of jQuery": ({b"accept": "text/html", b"x-requested-with": "XMLHttpRequest"}, False),
    "who takes JSON": ({b"accept": "application/json, text/html"}, False),
    "who sends JSON": ({b"accept": "text/html", b"content-type": "application/json"}, False),
    "curl": ({b"accept": "*/*"}, False),
    "who says nothing": ({}, False),
}


@pytest.mark.parametrize(("headers", "is_person"), CALLERS.values(), ids=CALLERS)
def test_who_looks_at_the_answer(headers: dict[bytes, str], is_person: bool) -> None:
    assert rules.wants_page(headers.get) is is_person


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("https://a.example/form", "https://a.example/form?error=no_contact"),
        ("https://a.example/form?x=1", "https://a.example/form?x=1&error=no_contact"),
        ("https://a.example/#/form", "https://a.example/?error=no_contact#/form"),
    ],
)
def test_a_page_of_the_sites_own_is_told_what_is_wrong(address: str, told: str) -> None:
    assert rules.with_error(address, "no_contact") == told


HEADERS_ASKED: list[tuple[str | None, bytes]] = [
    (None, b"idempotency-key"),
    ("content-type,x-requested-with", b"content-type,x-requested-with"),
    ("sentry-trace, baggage", b"sentry-trace, baggage"),
    ("x\r\nset-cookie: a", b"idempotency-key"),
    ("ä", b"idempotency-key"),
    ("a" * 2000, b"idempotency-key"),
]


@pytest.mark.parametrize(("asked", "allowed"), HEADERS_ASKED)
def test_a_page_may_send_the_headers_it_asks_for(asked: str | None, allowed: bytes) -> None:
    answer = dict(rules.preflight(asked))[b"access-control-allow-headers"]
    assert allowed in answer
    assert b"\n" not in answer
    assert len(answer) < 1100


@pytest.mark.parametrize("tongue", pages.TEXTS)
def test_every_language_has_a_text_for_everything(tongue: str) -> None:
    texts = pages.TEXTS[tongue]
    assert all(texts)
    assert len(set(texts)) == len(texts)
    shown = [pages.thanks(tongue), *(pages.problem(tongue, code) for code in pages.CODES)]
    assert len(set(shown)) == 1 + len(pages.CODES)
    assert all(f'lang="{tongue}"'.encode() in page and b"<script" not in page for page in shown)


@pytest.mark.parametrize(
    ("of_form", "accepted", "spoken"),
    [
        ("de", "fr", "de"),
        (None, "fr-CH, de;q=0.5", "fr"),
        ("xx", "tlh, pl", "pl"),
        (None, "*", "en"),
        (None, None, "en"),
        ("", "x" * 9000, "en"),
    ],
)
def test_the_language_of_a_page(of_form: str | None, accepted: str | None, spoken: str) -> None:
    assert pages.language(of_form, accepted) == spoken
