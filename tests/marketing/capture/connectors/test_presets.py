"""Tools by the name of their preset: what is sent becomes what lead, at the door and in the adapter."""

import base64
import hashlib
import hmac
import json
from typing import Any
from uuid import UUID

import orjson
import pytest
from httpx import AsyncClient

from services.marketing.capture.connectors.generic import adapter, presets
from services.marketing.capture.connectors.generic.rules import parse_settings
from services.marketing.capture.connectors.rules import CapturedLead, NoticeError
from services.marketing.capture.sources.rules import ConnectionSettings
from shared import clock
from shared.database.sessions import Sessions
from tests.marketing.capture.connectors.preset_cases import CASES, Case
from tests.marketing.capture.connectors.tools import SECRET
from tests.marketing.capture.house import balance, submissions, work_off
from tests.support.keys import Keys


def read(preset: str, body: dict[str, Any], **settings: Any) -> CapturedLead:
    stored = presets.expand({"preset": preset, **settings})
    connection = ConnectionSettings(UUID(int=7), "cn_g", "generic", settings=stored)
    [lead] = adapter.read(orjson.dumps(body), connection)
    return lead


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.preset)
def test_a_tool_is_understood_by_its_presets_name(case: Case) -> None:
    lead = read(case.preset, case.body)

    assert (lead.external_id, lead.person.email) == (case.external_id, case.email)
    assert (lead.person.given_name, lead.person.family_name) == case.name
    assert (lead.person.phone, lead.utm) == (case.phone, case.utm)
    assert case.answers.items() <= lead.answers.items()
    assert not [text for text in lead.answers.values() if text == case.email]


def test_every_preset_has_a_case_and_can_be_set() -> None:
    assert {case.preset for case in CASES} == set(presets.PRESETS)
    for name in presets.PRESETS:
        parse_settings(presets.expand({"preset": name}))


def test_what_the_connection_says_goes_before_the_preset() -> None:
    own = {"fields": {"company_name": "$.form_response.hidden.firm"}, "events": ["other"]}
    found = presets.expand({"preset": "typeform", **own})

    assert found["events"] == ["other"]
    assert found["fields"]["company_name"] == "$.form_response.hidden.firm"
    assert found["fields"]["email"] == presets.TYPEFORM["fields"]["email"]
    assert presets.expand(found) == found


def test_other_news_makes_no_lead() -> None:
    with pytest.raises(NoticeError, match="other_event"):
        read("calendly", {"event": "invitee.canceled", "payload": {"uri": "u", "email": "a@muster-gmbh.com"}})


# ---- over HTTP ----------------------------------------------------------------------------------------


async def connect(client: AsyncClient, keys: Keys, settings: Any, secret: str = SECRET) -> Any:
    body = {"kind": "generic", "name": "Tool", "settings": settings, "secrets": {"signing_secret": secret}}
    return await client.post("/v1/connections", json=body, headers=keys.as_("marketer"))


async def test_presets_are_listed_and_named_in_a_connection(marketing: AsyncClient, keys: Keys) -> None:
    listed = await marketing.get("/v1/connection-presets", headers=keys.as_("analyst"))
    items = {one["name"]: one for one in listed.json()["items"]}
    assert set(items) == set(presets.PRESETS)
    assert (items["tally"]["kind"], items["tally"]["secrets"]) == ("generic", ["signing_secret"])
    assert [name for name, one in items.items() if not one["verified"]] == ["microsoft"]

    made = await connect(marketing, keys, {"preset": "typeform"})
    assert made.status_code == 201, made.text
    assert made.json()["settings"] == {**items["typeform"]["settings"], "preset": "typeform"}
    path = f"/v1/connections/{made.json()['id']}"
    change = {"settings": {"preset": "tally", "fields": {"company_name": "$.data.firm"}}}
    changed = await marketing.patch(path, json=change, headers=keys.as_("admin"))
    assert changed.json()["settings"]["fields"]["email"] == items["tally"]["settings"]["fields"]["email"]

    for wrong in ("typefrom", 7, ["tally"], ""):
        answer = await connect(marketing, keys, {"preset": wrong})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/settings/preset")
    google = {"kind": "google_ads", "name": "G", "settings": {"preset": "tally"}}
    refused = await marketing.post("/v1/connections", json=google, headers=keys.as_("marketer"))
    assert refused.status_code == 422


FORMBRICKS_KEY = b"x" * 24
FORMBRICKS_SECRET = "whsec_" + base64.b64encode(FORMBRICKS_KEY).decode()


async def tell(
    client: AsyncClient, connection: dict[str, Any], number: int, event: str, **answers: str
) -> None:
    """Formbricks tells of one response several times under the same id, signed as Standard Webhooks says."""
    now = str(int(clock.now().timestamp()))
    data = {"id": "r1", "finished": event == "responseFinished", "data": answers}
    body = json.dumps({"webhookId": "w1", "event": event, "data": data})
    text = f"msg_{number}.{now}.{body}".encode()
    signature = base64.b64encode(hmac.new(FORMBRICKS_KEY, text, hashlib.sha256).digest()).decode()
    headers = {
        "content-type": "application/json",
        "webhook-id": f"msg_{number}",
        "webhook-timestamp": now,
        "webhook-signature": f"v1,{signature}",
    }
    answer = await client.post(connection["webhook_path"], content=body, headers=headers)
    assert answer.status_code == 200, answer.text


async def test_other_news_of_a_response_does_not_swallow_it(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    connection = (await connect(marketing, keys, {"preset": "formbricks"}, FORMBRICKS_SECRET)).json()
    for number, event in enumerate(("responseCreated", "responseFinished", "responseFinished")):
        await tell(marketing, connection, number, event, email="eva@muster-gmbh.com")
    await work_off(marketing_sessions)

    [found] = await submissions(marketing, keys)
    assert (found["state"], found["external_id"]) == ("created", "r1")
    sums = await balance(marketing, keys)
    assert (sums["deliveries"]["notice"], sums["deliveries"]["read"]) == (1, 1)
    assert (sums["deliveries"]["repeat"], sums["holds"]) == (1, True)
    assert sums["repeats_with_another_body"] == 0


async def test_a_response_that_says_more_later_is_a_change(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    connection = (await connect(marketing, keys, {"preset": "formbricks"}, FORMBRICKS_SECRET)).json()
    address = {"email": "eva@muster-gmbh.com"}
    told: list[tuple[str, dict[str, str]]] = [
        ("responseUpdated", {"product": "CRM"}),
        ("responseFinished", {"product": "CRM", **address}),
        ("responseUpdated", {"product": "ERP", **address}),
    ]
    for number, (event, answers) in enumerate(told):
        await tell(marketing, connection, number, event, **answers)
        await work_off(marketing_sessions)

    found = [(one["state"], one["reason"]) for one in await submissions(marketing, keys)]
    assert found == [("rejected", "no_contact"), ("created", None), ("merged", "changed")]
    assert (await balance(marketing, keys))["holds"]


def test_the_specifications_vector_of_standard_webhooks() -> None:
    text = b'msg_1.1700000000.{"object":"page","entry":[]}'
    number = base64.b64encode(hmac.new(b"x" * 24, text, hashlib.sha256).digest()).decode()

    assert number == "vCqDZLfAL/8eESctUYAnk3zLtEfOxlgTowhxTf5qb90="
