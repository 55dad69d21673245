"""Any signed webhook at the door: what form tools send, who is let in, and settings that can't be.

How each tool signs and what it sends is written after its public documentation, and was not checked
against the tool itself. The signatures below were made by openssl, not by this code; the one of Standard
Webhooks is from its specification.
"""

import base64
import hashlib
import hmac
import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from httpx import AsyncClient, Response
from hypothesis import given
from hypothesis import strategies as st

from services.marketing.capture.connectors.generic import endpoint
from services.marketing.capture.connectors.generic.rules import find, parse_path, parse_settings
from services.marketing.capture.sources.rules import SettingError
from shared import clock
from shared.database.sessions import Sessions
from tests.marketing.capture.house import balance, submissions, work_off
from tests.support.keys import Keys

SECRET = "a-signing-secret-for-tests"
SIGNED_AT = 1_700_000_000


@dataclass
class Tool:
    """What one tool sends, how its connection is set up, and what has to come of it."""

    settings: dict[str, Any]
    body: str
    headers: dict[str, str]
    external_id: str
    email: str
    secret: str = SECRET
    answers: dict[str, str] = field(default_factory=dict)


# developer.typeform.com, "Secure your webhooks": base64 of the number, after `sha256=`.
TYPEFORM = Tool(
    settings={
        "signature": {"header": "Typeform-Signature", "prefix": "sha256=", "encoding": "base64"},
        "fields": {
            "email": "$.form_response.answers[?(@.field.ref=='email')].email",
            "full_name": "$.form_response.answers[0].text",
            "utm_campaign": "$.form_response.hidden.utm_campaign",
        },
        "external_id": "$.form_response.token",
        "occurred_at": "$.form_response.submitted_at",
        "event": "$.event_type",
        "events": ["form_response"],
    },
    body='{"event_id":"tf-1","event_type":"form_response","form_response":{'
    '"token":"a3a12ec67a1365927098a606107fac15","submitted_at":"2026-11-20T09:30:00Z",'
    '"hidden":{"utm_campaign":"spring"},"answers":[{"type":"text","text":"Ada Nowak",'
    '"field":{"id":"1","ref":"name"}},{"type":"email","email":"ada@muster-gmbh.com",'
    '"field":{"id":"2","ref":"email"}}]}}',
    headers={"typeform-signature": "sha256=0UJRFCaFq/i6zKKnuMOVo54sVGVUIAR66C+DRd5FQuQ="},
    external_id="a3a12ec67a1365927098a606107fac15",
    email="ada@muster-gmbh.com",
)
# tally.so/help/webhooks: base64 of the number, and nothing else in the header.
TALLY = Tool(
    settings={
        "signature": {"header": "Tally-Signature", "encoding": "base64"},
        "fields": {"email": "$.data.fields[?(@.label=='Email')].value"},
        "external_id": "$.data.submissionId",
        "occurred_at": "$.createdAt",
    },
    body='{"eventId":"a4cb511e","eventType":"FORM_RESPONSE","createdAt":"2026-11-20T09:30:00.000Z",'
    '"data":{"responseId":"2wgx4n","submissionId":"2wgx4n","fields":[{"key":"question_3EKz4n",'
    '"label":"Email","type":"INPUT_EMAIL","value":"ben@muster-gmbh.com"}]}}',
    headers={"tally-signature": "vBwFeP2mLJc1JAK9kZBzN8vgzCwem2lkeoCATa9qbw4="},
    external_id="2wgx4n",
    email="ben@muster-gmbh.com",
)
# developer.calendly.com, "Webhook signatures": `t=…,v1=…` over `<t>.<body>`. Fields are found by their names.
CALENDLY = Tool(
    settings={
        "signature": {
            "header": "Calendly-Webhook-Signature",
            "element": "v1",
            "timestamp_element": "t",
            "signed": "{timestamp}.{body}",
        },
        "root": "$.payload",
        "external_id": "$.payload.uri",
        "campaign": "$.payload.tracking.utm_campaign",
        "event": "$.event",
        "events": ["invitee.created"],
    },
    body='{"event":"invitee.created","created_at":"2026-11-20T09:30:00.000000Z","payload":{'
    '"uri":"https://api.calendly.com/scheduled_events/AAA/invitees/BBB","name":"Cleo Diaz",'
    '"email":"cleo@muster-gmbh.com","tracking":{"utm_campaign":"spring"}}}',
    headers={
        "calendly-webhook-signature": f"t={SIGNED_AT},"
        "v1=11d406e43425923c4ecbe49d7fa06c9da55463a0af35c5bf74c178cfad4b9a0b"
    },
    external_id="https://api.calendly.com/scheduled_events/AAA/invitees/BBB",
    email="cleo@muster-gmbh.com",
)
# developers.webflow.com, "Working with webhooks": milliseconds in a header, `<timestamp>:<body>` is signed.
WEBFLOW = Tool(
    settings={
        "signature": {
            "header": "X-Webflow-Signature",
            "timestamp_header": "X-Webflow-Timestamp",
            "timestamp_unit": "ms",
            "signed": "{timestamp}:{body}",
        },
        "root": "$.payload.data",
        "answers": {"site": "$.payload.siteId"},
        "external_id": "$['payload'].id",
        "occurred_at": "$.payload.submittedAt",
    },
    body='{"triggerType":"form_submission","payload":{"name":"Contact","siteId":"65427cf4","data":{'
    '"Name":"Dan Ek","Email":"dan@muster-gmbh.com","Company":"Muster GmbH"},'
    '"submittedAt":"2026-11-20T09:30:00.000Z","id":"6321ca84"}}',
    headers={
        "x-webflow-signature": "684a453fbb9bfa0ca29ae136e08d173c8754b0fca650d1dea9a1daa721ae811e",
        "x-webflow-timestamp": f"{SIGNED_AT}000",
    },
    external_id="6321ca84",
    email="dan@muster-gmbh.com",
    answers={"site": "65427cf4"},
)
STANDARD = {
    "header": "webhook-signature",
    "prefix": "v1,",
    "encoding": "base64",
    "signed": "{id}.{timestamp}.{body}",
    "timestamp_header": "webhook-timestamp",
    "id_header": "webhook-id",
    "secret_encoding": "base64",
}
TOOLS = {"typeform": TYPEFORM, "tally": TALLY, "calendly": CALENDLY, "webflow": WEBFLOW}


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


def test_a_path_leads_to_one_value_or_nowhere() -> None:
    value = {"a": [{"b": {"c": "x"}, "d": 1}, {"b": {"c": "y"}, "d": 2}], "odd name": {"": 3}}
    wanted = {
        "$": value,
        "$.a[1].d": 2,
        "$.a[?(@.b.c=='y')].d": 2,
        '$.a[?@.b.c == "x"]["d"]': 1,
        "$['odd name']['']": 3,
        "$.a[7].d": None,
        "$.a.d": None,
        "$.a[?(@.b=='x')]": None,
        "$.a[0].d.e": None,
    }
    for text, found in wanted.items():
        path = parse_path(text)
        assert path is not None, text
        assert find(value, path) == found, text
    for text in ("", "a", "$a", "$..a", "$.a[*]", "$.a[-1]", "$.a[?(@.b>1)]", "$.", "$" + ".a" * 200):
        assert parse_path(text) is None, text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["signature", "fields", "header", "events", "x"]), inner, max_size=4
        )
    ),
)


@given(st.dictionaries(st.sampled_from(["signature", "fields", "answers", "event", "events"]), JSON))
def test_settings_are_taken_or_refused_and_never_a_defect(given_settings: dict[str, Any]) -> None:
    with suppress(SettingError):
        parse_settings(given_settings)
