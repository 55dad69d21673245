"""Google Ads and Meta at the door: who is let in, what is answered, what becomes of it."""

import json

import pytest
from httpx import AsyncClient

from services.marketing.capture.connectors.meta import adapter
from services.marketing.capture.connectors.meta.endpoint import _SIGNATURE
from services.marketing.capture.sources.rules import KINDS
from shared.database.sessions import Sessions
from tests.marketing.capture.house import (
    VERIFY_TOKEN,
    announce,
    balance,
    google_lead,
    meta_body,
    new_connection,
    signature,
    submissions,
    work_off,
)
from tests.support.keys import Keys


async def test_a_google_lead_is_taken_once(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    connection = await new_connection(marketing, keys, "google_ads")
    for _ in range(2):
        answer = await marketing.post(connection["webhook_path"], json=google_lead("lead-1"))
        assert (answer.status_code, answer.json()) == (200, {})
    await work_off(marketing_sessions)

    [found] = await submissions(marketing, keys)
    assert (found["state"], found["external_id"]) == ("created", "lead-1")
    sums = await balance(marketing, keys)
    assert sums["holds"]
    assert (sums["deliveries"]["read"], sums["deliveries"]["repeat"]) == (1, 1)
    shown = await marketing.get(f"/v1/connections/{connection['id']}", headers=keys.as_("analyst"))
    assert shown.json()["last_delivery_at"] is not None


async def test_googles_test_button_makes_no_lead(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    connection = await new_connection(marketing, keys, "google_ads")
    body = google_lead("test-1", is_test=True)
    del body["user_column_data"]
    assert (await marketing.post(connection["webhook_path"], json=body)).status_code == 200
    await work_off(marketing_sessions)
    sums = await balance(marketing, keys)
    assert (sums["deliveries"]["notice"], sums["submissions"]["made"], sums["holds"]) == (1, 0, True)


async def test_a_google_test_does_not_swallow_the_lead_with_its_id(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    connection = await new_connection(marketing, keys, "google_ads")
    hook = connection["webhook_path"]
    for body in (google_lead("id-1", is_test=True), google_lead("id-1"), google_lead("id-1", is_test=True)):
        assert (await marketing.post(hook, json=body)).status_code == 200
    await work_off(marketing_sessions)

    [found] = await submissions(marketing, keys)
    assert (found["state"], found["external_id"]) == ("created", "id-1")
    sums = await balance(marketing, keys)
    assert (sums["deliveries"]["read"], sums["deliveries"]["notice"]) == (1, 1)
    assert (sums["deliveries"]["repeat"], sums["holds"]) == (1, True)
    assert sums["repeats_with_another_body"] == 0  # a test is no other word of its lead's


@pytest.mark.parametrize("kind", ["google_ads", "meta", "linkedin", "tiktok", "generic"])
async def test_a_connection_without_its_secrets_says_so(
    marketing: AsyncClient, keys: Keys, kind: str
) -> None:
    settings = {"preset": "tally"} if kind == "generic" else {}
    body = {"kind": kind, "name": "New", "settings": settings}
    made = shown = await marketing.post("/v1/connections", json=body, headers=keys.as_("marketer"))
    assert made.status_code == 201, made.text
    theirs = set(KINDS[kind].secrets) - KINDS[kind].ours  # ours to choose are made
    lacking = ("needs_attention", "no_secret") if theirs else ("ok", None)
    assert (made.json()["health"], made.json()["health_reason"]) == lacking

    path = f"/v1/connections/{made.json()['id']}"
    for secret in theirs:
        change = {"add_secrets": {secret: "a-secret-that-is-long-enough"}}
        shown = await marketing.patch(path, json=change, headers=keys.as_("admin"))
    assert (shown.json()["health"], shown.json()["health_reason"]) == ("ok", None)

    gone = {"remove_secrets": [shown.json()["secrets"][0]["id"]]}
    shown = await marketing.patch(path, json=gone, headers=keys.as_("admin"))
    assert (shown.json()["health"], shown.json()["health_reason"]) == ("needs_attention", "no_secret")


async def test_a_wrong_google_key_leaves_only_a_count(marketing: AsyncClient, keys: Keys) -> None:
    connection = await new_connection(marketing, keys, "google_ads")
    for wrong in ("wrong", "", None, 7, {"a": 1}):
        answer = await marketing.post(connection["webhook_path"], json=google_lead("x", google_key=wrong))
        assert answer.status_code == 401
        assert answer.json()["message"]
    unknown = await marketing.post("/v1/webhooks/google-ads/cn_no", json=google_lead("x"))
    assert (unknown.status_code, "message" in unknown.json()) == (404, True)
    broken = await marketing.post(
        connection["webhook_path"], content=b"{", headers={"content-type": "application/json"}
    )
    assert (broken.status_code, "message" in broken.json()) == (400, True)
    assert (await balance(marketing, keys))["deliveries"]["received"] == 0


async def test_google_keys_live_side_by_side_until_one_is_removed(marketing: AsyncClient, keys: Keys) -> None:
    connection = await new_connection(marketing, keys, "google_ads")
    path = f"/v1/connections/{connection['id']}"
    added = await marketing.patch(
        path, json={"add_secrets": {"google_key": "the-next-key-of-google"}}, headers=keys.as_("admin")
    )
    assert [secret["kind"] for secret in added.json()["secrets"]] == ["google_key", "google_key"]
    assert "the-next-key-of-google" not in added.text

    hook = connection["webhook_path"]
    assert (await marketing.post(hook, json=google_lead("1"))).status_code == 200
    body = google_lead("2", google_key="the-next-key-of-google")
    assert (await marketing.post(hook, json=body)).status_code == 200
    removed = await marketing.patch(
        path, json={"remove_secrets": [connection["secrets"][0]["id"]]}, headers=keys.as_("admin")
    )
    assert len(removed.json()["secrets"]) == 1


async def test_meta_verifies_the_address(marketing: AsyncClient, keys: Keys) -> None:
    connection = await new_connection(marketing, keys, "meta")

    async def ask(token: str, challenge: str) -> tuple[int, str]:
        query = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": challenge}
        answer = await marketing.get(connection["webhook_path"], params=query)
        return answer.status_code, answer.headers["content-type"] + " " + answer.text

    assert await ask(VERIFY_TOKEN, "1158201444") == (200, "text/plain; charset=utf-8 1158201444")
    assert (await ask("wrong", "1158201444"))[0] == 403
    assert (await ask(VERIFY_TOKEN, "<script>"))[0] == 403
    assert (await marketing.get(connection["webhook_path"])).status_code == 403


async def test_only_signed_bytes_get_in(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    connection = await new_connection(marketing, keys, "meta")
    body = meta_body(11, 12)
    forged = (
        {"x-hub-signature-256": signature(body, "another secret")},
        {"x-hub-signature-256": signature(body + b" ")},
        {"x-hub-signature-256": "sha256=" + "0" * 63},
        {"x-hub-signature-256": ""},
    )
    for headers in forged:
        assert (await announce(marketing, connection, body, **headers)).status_code == 401
    assert (await balance(marketing, keys))["deliveries"]["received"] == 0

    for _ in range(2):
        answer = await announce(marketing, connection, body)
        assert answer.status_code == 200
    assert (await announce(marketing, connection, meta_body("12", 13))).status_code == 200
    assert (await announce(marketing, connection, meta_body(5, field="feed"))).status_code == 200
    await work_off(marketing_sessions)

    waiting = await submissions(marketing, keys)
    assert sorted(one["external_id"] for one in waiting) == ["11", "12", "13"]
    assert {(one["state"], one["waits_for"]) for one in waiting} == {("pending", "details")}
    sums = await balance(marketing, keys)
    assert sums["holds"]
    assert sums["deliveries"] == {
        "received": 4, "read": 2, "repeat": 1, "notice": 1, "unreadable": 0, "pending": 0, "holds": True
    }  # fmt: skip


async def test_bytes_that_only_mean_the_same_are_not_signed(marketing: AsyncClient, keys: Keys) -> None:
    """The signature is of the bytes that came, not of what a parser makes of them."""
    connection = await new_connection(marketing, keys, "meta")
    body = json.dumps(json.loads(meta_body(11)), separators=(",", ":")).encode()
    alike = body.replace(b":", b": ", 1)
    assert json.loads(alike) == json.loads(body)

    forged = await announce(marketing, connection, alike, **{"x-hub-signature-256": signature(body)})
    genuine = await announce(marketing, connection, body)

    assert (forged.status_code, genuine.status_code) == (401, 200)


def test_the_signature_is_the_one_meta_documents() -> None:
    body = b'{"object":"page","entry":[]}'
    assert signature(body, "s3cr3t").endswith(
        "0b36918e92cea1735987421f3800c4016053b7e8951c42caa969731f7b34bcd5"
    )
    assert _SIGNATURE.fullmatch(signature(body, "s3cr3t"))


def test_only_numbers_are_asked_for_at_the_graph() -> None:
    body = json.loads(meta_body("1/../me", "12", 13, "", True))
    leads = adapter.read(json.dumps(body).encode())
    assert [lead.external_id for lead in leads] == ["12", "13"]
