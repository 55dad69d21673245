"""Any signed webhook at the door: what form tools send, who is let in, and settings that can't be.

How each tool signs and what it sends is written after its public documentation, and was not checked
against the tool itself. The signatures below were made by openssl, not by this code; the one of Standard
Webhooks is from its specification.
"""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from httpx import AsyncClient, Response

from services.marketing.capture.connectors.generic import endpoint
from shared import clock
from shared.database.sessions import Sessions
from tests.marketing.capture.connectors.tools import (
    CALENDLY,
    SECRET,
    SIGNED_AT,
    STANDARD,
    TALLY,
    TOOLS,
    WEBFLOW,
)
from tests.marketing.capture.house import balance, submissions, work_off
from tests.support.keys import Keys


async def connect(client: AsyncClient, keys: Keys, settings: Any, secret: str = SECRET) -> Response:
    body = {
        "kind": "generic",
        "name": "Forms",
        "settings": settings,
        "secrets": {"signing_secret": secret},
    }
    return await client.post("/v1/connections", json=body, headers=keys.as_("marketer"))


async def send(client: AsyncClient, connection: dict[str, Any], body: str, headers: dict[str, str]) -> int:
    headers = {"content-type": "application/json", **headers}
    answer = await client.post(connection["webhook_path"], content=body.encode(), headers=headers)
    return answer.status_code


@pytest.fixture
def when_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The door's clock shows the moment at which the fixed signatures below were made."""
    moment = datetime.fromtimestamp(SIGNED_AT + 60, UTC)
    monkeypatch.setattr(endpoint, "clock", SimpleNamespace(now=lambda: moment))


@pytest.mark.usefixtures("when_signed")
@pytest.mark.parametrize("name", TOOLS)
async def test_a_tools_webhook_becomes_a_lead_once(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions, name: str
) -> None:
    tool = TOOLS[name]
    made = await connect(marketing, keys, tool.settings)
    assert made.status_code == 201, made.text
    connection = made.json()
    assert SECRET not in made.text
    for _ in range(2):
        assert await send(marketing, connection, tool.body, tool.headers) == 200
    await work_off(marketing_sessions)

    [found] = await submissions(marketing, keys)
    assert (found["state"], found["external_id"], found["door"]) == ("created", tool.external_id, "generic")
    shown = await marketing.get(f"/v1/submissions/{found['id']}", headers=keys.as_("analyst"))
    captured = shown.json()["captured"]
    assert captured["email"] == tool.email
    assert tool.answers.items() <= captured.get("answers", {}).items()
    sums = await balance(marketing, keys)
    assert (sums["holds"], sums["deliveries"]["repeat"]) == (True, 1)
    seen = await marketing.get(f"/v1/connections/{connection['id']}", headers=keys.as_("analyst"))
    assert seen.json()["last_delivery_at"] is not None


@pytest.mark.parametrize("name", TOOLS)
async def test_only_what_is_signed_gets_in(
    marketing: AsyncClient, keys: Keys, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    tool = TOOLS[name]
    monkeypatch.setattr(
        endpoint, "clock", SimpleNamespace(now=lambda: datetime.fromtimestamp(SIGNED_AT, UTC))
    )
    connection = (await connect(marketing, keys, tool.settings)).json()
    other = (await connect(marketing, keys, tool.settings, "another-signing-secret")).json()
    header = tool.settings["signature"]["header"].lower()
    number = tool.headers[header]

    assert await send(marketing, connection, tool.body + " ", tool.headers) == 401
    assert await send(marketing, other, tool.body, tool.headers) == 401
    assert await send(marketing, connection, tool.body, {}) == 401
    for forged in ("", number[:-1], number[:-8], number[:12], number + "0", number[::-1]):
        assert await send(marketing, connection, tool.body, {**tool.headers, header: forged}) == 401, forged
    assert (await balance(marketing, keys))["deliveries"]["received"] == 0


@pytest.mark.parametrize("late", [-301, 301])
async def test_a_signature_of_another_time_is_refused(
    marketing: AsyncClient, keys: Keys, monkeypatch: pytest.MonkeyPatch, late: int
) -> None:
    for tool in (CALENDLY, WEBFLOW):
        moment = datetime.fromtimestamp(SIGNED_AT + late, UTC)
        monkeypatch.setattr(endpoint, "clock", SimpleNamespace(now=lambda moment=moment: moment))
        connection = (await connect(marketing, keys, tool.settings)).json()
        assert await send(marketing, connection, tool.body, tool.headers) == 401
    assert (await balance(marketing, keys))["deliveries"]["received"] == 0


async def test_the_time_is_part_of_what_is_signed(marketing: AsyncClient, keys: Keys) -> None:
    connection = (await connect(marketing, keys, WEBFLOW.settings)).json()
    fresh = {**WEBFLOW.headers, "x-webflow-timestamp": f"{clock.now().timestamp() * 1000:.0f}"}
    assert await send(marketing, connection, WEBFLOW.body, fresh) == 401


async def test_the_example_of_standard_webhooks_gets_in(
    marketing: AsyncClient, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = datetime.fromtimestamp(1614265330, UTC)
    monkeypatch.setattr(endpoint, "clock", SimpleNamespace(now=lambda: moment))
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    connection = (await connect(marketing, keys, {"signature": STANDARD}, secret)).json()
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    body = '{"test": 2432232314}'
    assert await send(marketing, connection, body, headers) == 200
    assert await send(marketing, connection, body, {**headers, "webhook-id": "msg_other"}) == 401


async def test_secrets_live_side_by_side_and_other_news_makes_no_lead(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    settings = {**TALLY.settings, "event": "$.eventType", "events": ["FORM_RESPONSE"]}
    connection = (await connect(marketing, keys, settings)).json()
    await marketing.patch(
        f"/v1/connections/{connection['id']}",
        json={"add_secrets": {"signing_secret": "the-next-signing-secret"}},
        headers=keys.as_("admin"),
    )
    body = json.dumps({"eventType": "FORM_OPENED"})
    number = hmac.new(b"the-next-signing-secret", body.encode(), hashlib.sha256).digest()
    assert await send(marketing, connection, TALLY.body, TALLY.headers) == 200
    signed = {"tally-signature": base64.b64encode(number).decode()}
    assert await send(marketing, connection, body, signed) == 200
    await work_off(marketing_sessions)
    sums = await balance(marketing, keys)
    assert (sums["deliveries"]["read"], sums["deliveries"]["notice"]) == (1, 1)


async def test_wrong_settings_are_named(marketing: AsyncClient, keys: Keys) -> None:
    plain = {"header": "X-Signature"}
    wrong: dict[str, dict[str, Any]] = {
        "/settings/signature": {},
        "/settings/signature/header": {"signature": {"header": "X Signature"}},
        "/settings/signature/encoding": {"signature": {**plain, "encoding": "rot13"}},
        "/settings/signature/signed": {"signature": {**plain, "signed": "{timestamp}.{body}"}},
        "/settings/signature/id_header": {"signature": {**plain, "id_header": "webhook-id"}},
        "/settings/signature/algorithm": {"signature": {**plain, "algorithm": "md5"}},
        "/settings/fields/e_mail": {"signature": plain, "fields": {"e_mail": "$.email"}},
        "/settings/fields/email": {"signature": plain, "fields": {"email": "$..email"}},
        "/settings/answers/Size": {"signature": plain, "answers": {"Size": "$.size"}},
        "/settings/external_id": {"signature": plain, "external_id": 7},
        "/settings/events": {"signature": plain, "events": ["created"]},
        "/settings/secret": {"signature": plain, "secret": "x"},
    }
    for pointer, settings in wrong.items():
        answer = await connect(marketing, keys, settings)
        assert answer.status_code == 422, (pointer, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["errors"][0]["pointer"] == pointer

    made = (await connect(marketing, keys, {"signature": plain})).json()
    path = f"/v1/connections/{made['id']}"
    changed = await marketing.patch(path, json={"settings": {}}, headers=keys.as_("admin"))
    assert (changed.status_code, changed.json()["errors"][0]["pointer"]) == (422, "/settings/signature")
    assert (await marketing.get(path, headers=keys.as_("admin"))).json()["settings"] == {"signature": plain}
    others = {"kind": "google_ads", "name": "Google", "settings": {"signature": plain}}
    refused = await marketing.post("/v1/connections", json=others, headers=keys.as_("marketer"))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/settings/signature")
