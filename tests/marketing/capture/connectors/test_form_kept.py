"""Whatever is posted with a form's key becomes a lead: raw bytes over HTTP, and what is read of them."""

from typing import Any

import pytest
from httpx import AsyncClient

from shared.database.sessions import Sessions
from tests.marketing.capture.house import (
    balance,
    new_form,
    submissions,
    submissions_in_full,
    submit,
    work_off,
)
from tests.support.keys import Keys

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
ADA = b"name=Ada+Nowak&email=ada%40muster-gmbh.com"


def parts(*fields: tuple[bytes, bytes]) -> bytes:
    lines = b"".join(
        b"--x\r\nContent-Disposition: form-data; " + head + b"\r\n\r\n" + value + b"\r\n"
        for head, value in fields
    )
    return lines + b"--x--\r\n"


EMAIL = (b'name="email"', b"ada@muster-gmbh.com")
# What is posted, its content type, and what is captured of it beside Ada's address.
KEPT: dict[str, tuple[bytes, str | None, dict[str, Any]]] = {
    "a page in Latin-1": (ADA.replace(b"Ada", b"J%FCrgen"), URLENCODED, {"given_name": "Jürgen"}),
    "Latin-1 that is declared": (
        ADA.replace(b"Ada", b"J%FCrgen"),
        URLENCODED + "; charset=ISO-8859-1",
        {"given_name": "Jürgen"},
    ),
    "raw UTF-8": (ADA.replace(b"Ada", "Zoë".encode()), URLENCODED, {"given_name": "Zoë"}),
    "multipart in Latin-1": (
        parts(EMAIL, (b'name="name"', b"J\xfcrgen Nowak")),
        MULTIPART,
        {"given_name": "Jürgen"},
    ),
    "an optional file that nobody chose": (parts(EMAIL, (b'name="cv"; filename=""', b"")), MULTIPART, {}),
    "a file": (
        parts(EMAIL, (b'name="cv"; filename="brief.pdf"', b"%PDF")),
        MULTIPART,
        {"answers": {"cv": "brief.pdf (not kept)"}},
    ),
    "fetch without a header": (b'{"email":"ada@muster-gmbh.com"}', "text/plain;charset=UTF-8", {}),
    "no content type": (b'{"email":"ada@muster-gmbh.com"}', None, {}),
    "URL-encoded as text": (ADA, "text/plain", {"given_name": "Ada"}),
    "JSON with a mark": (b'\xef\xbb\xbf{"email":"ada@muster-gmbh.com"}', "application/json", {}),
    "half an emoji": (
        rb'{"email":"ada@muster-gmbh.com","q":"Bad \ud83d"}',
        "application/json",
        {"answers": {"q": "Bad \ufffd"}},
    ),
    "a NUL": (b"email=ada%40muster-gmbh.com&q=a%00b", URLENCODED, {"answers": {"q": "ab"}}),
    "more fields than anybody has": (
        ADA + b"".join(b"&f%d=1" % n for n in range(300)),
        URLENCODED,
        {"given_name": "Ada"},
    ),
    "a long content type": (ADA, URLENCODED + "; charset=utf-8; x=" + "y" * 400, {"given_name": "Ada"}),
    "a type that browsers do not send": (ADA, "application/octet-stream", {"given_name": "Ada"}),
}


@pytest.mark.parametrize(("body", "kind", "captured"), KEPT.values(), ids=KEPT)
async def test_what_comes_with_a_key_becomes_a_lead(
    marketing: AsyncClient,
    keys: Keys,
    marketing_sessions: Sessions,
    body: bytes,
    kind: str | None,
    captured: dict[str, Any],
) -> None:
    form = await new_form(marketing, keys)
    headers = {"content-type": kind} if kind else {}
    answer = await marketing.post(f"/v1/forms/{form['key']}/submissions", content=body, headers=headers)
    assert (answer.status_code, answer.json()["status"]) == (202, "pending"), answer.text

    await work_off(marketing_sessions)

    [found] = await submissions_in_full(marketing, keys)
    assert (found["state"], found["id"]) == ("created", answer.json()["submission_id"])
    assert found["captured"]["email"] == "ada@muster-gmbh.com"
    assert {**found["captured"], **captured} == found["captured"]


async def test_what_can_not_be_read_is_kept_with_a_reason(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    path = f"/v1/forms/{form['key']}/submissions"
    for body, kind in ((b'{"email":"a@b.co"', "application/json"), (b"<a>a@b.co</a>", "application/xml")):
        answer = await marketing.post(path, content=body, headers={"content-type": kind})
        assert answer.status_code == 202
    await work_off(marketing_sessions)
    shown = await marketing.get("/v1/deliveries", headers=keys.as_("analyst"))
    assert [(one["state"], one["reason"]) for one in shown.json()["items"]] == [
        ("unreadable", "unsupported-media"),
        ("unreadable", "unparseable"),
    ]
    assert (await balance(marketing, keys))["holds"]


async def test_a_page_of_another_origin_is_set_aside_and_can_be_let_in(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys, origins=["https://www.example.com"])
    origins = {
        "file@acme.co": "null",
        "ada@acme.co": "https://www.example.com",
        "apex@acme.co": "https://example.com",
    }
    for email, origin in origins.items():
        answer = await submit(marketing, form, {"email": email}, origin=origin)
        assert answer.status_code == 202
        assert answer.headers["access-control-allow-origin"] in (origin, "*")
    await submit(marketing, form, {"email": "curl@acme.co"})
    await work_off(marketing_sessions)
    found = {
        one["captured"]["email"]: (one["state"], one["reason"])
        for one in await submissions_in_full(marketing, keys)
    }
    assert found.pop("apex@acme.co") == ("quarantined", "origin")
    assert set(found.values()) == {("created", None)}

    released = {"state": "quarantined", "reason": "origin"}
    await marketing.post("/v1/submissions/replay", json=released, headers=keys.as_("marketer"))
    await work_off(marketing_sessions)
    assert {one["state"] for one in await submissions_in_full(marketing, keys)} == {"created"}
    assert (await balance(marketing, keys))["holds"]


async def test_a_plain_form_of_another_origin_is_thanked_like_any_other(
    marketing: AsyncClient, keys: Keys
) -> None:
    form = await new_form(marketing, keys, origins=["https://www.example.com"])
    headers = {"origin": "https://example.com", "accept": "text/html"}
    answer = await marketing.post(
        f"/v1/forms/{form['key']}/submissions", data={"email": "a@b.co"}, headers=headers
    )
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"email": "a@b.co"}, {"x-leadloop-test": "1"}),
        ({"email": "a@b.co", "_test": "1"}, {}),
        ({"email": "a@b.co", "_test": True}, {}),
    ],
)
async def test_a_test_makes_a_notice_and_nothing_else(
    marketing: AsyncClient,
    keys: Keys,
    marketing_sessions: Sessions,
    body: dict[str, Any],
    headers: dict[str, str],
) -> None:
    form = await new_form(marketing, keys)
    assert (await submit(marketing, form, body, **headers)).status_code == 202
    await work_off(marketing_sessions)
    [found] = (await marketing.get("/v1/deliveries", headers=keys.as_("analyst"))).json()["items"]
    assert (found["state"], found["reason"], found["settled_at"] is None) == ("notice", "test", False)
    assert await submissions(marketing, keys) == []
    assert (await balance(marketing, keys))["holds"]
