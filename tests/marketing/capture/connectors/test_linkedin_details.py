"""Details of LinkedIn's leads: asked for at a real HTTP server, read, tried again, or given to a person."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest
from httpx import AsyncClient
from sqlalchemy import text

from services.marketing.acquisition.campaigns.rules import CampaignReference
from services.marketing.capture.connectors.linkedin import adapter, rules
from services.marketing.capture.connectors.linkedin.client import LinkedInClient
from services.marketing.capture.connectors.rules import CapturedLead, NoticeError, UnreadableError
from services.marketing.capture.sources.encryption import Sealer
from services.marketing.capture.sources.rules import ConnectionSettings
from services.marketing.capture.submissions.fetch_job import DetailsFetcher
from shared.database.sessions import Sessions
from tests.marketing.capture.house import (
    ACCESS_TOKEN,
    balance,
    new_connection,
    notify,
    submissions,
    work_off,
)
from tests.support.keys import Keys
from tests.support.linkedin import FORM, LinkedIn, notification

LEAD = "8a5a2cf4-7d0e-4a6e-9f53-7"
VERSION = "202606"
CONNECTION = ConnectionSettings(
    UUID(int=5), "cn_l", "linkedin", mappings={str(FORM): {"Wie groß ist Ihr Team?": "company_size"}}
)


@pytest.fixture
def platform() -> Iterator[LinkedIn]:
    with LinkedIn(token=ACCESS_TOKEN, version=VERSION) as server:
        yield server


@pytest.fixture
async def fetcher(platform: LinkedIn, keys: Keys) -> AsyncIterator[DetailsFetcher]:
    async with AsyncClient(timeout=5) as client:
        sealer = Sealer(keys.environment("marketing")["SECRETS_KEY"])
        yield DetailsFetcher({"linkedin": LinkedInClient(platform.url, VERSION, sealer, client)})


async def make_due(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await session.execute(
            text("UPDATE submissions SET next_attempt_at = now() WHERE waits_for = 'details'")
        )


async def test_a_lead_comes_through_whole(
    marketing: AsyncClient,
    keys: Keys,
    marketing_sessions: Sessions,
    platform: LinkedIn,
    fetcher: DetailsFetcher,
) -> None:
    connection = await new_connection(marketing, keys, "linkedin")
    for number in (1, 2):
        platform.lead(f"lead-{number}", email=f"ada{number}@muster-gmbh.com")
        await notify(marketing, connection, notification(f"lead-{number}"))
    await work_off(marketing_sessions)
    assert await fetcher.fetch(marketing_sessions) == 2

    first, _ = await submissions(marketing, keys)
    assert {one["state"] for one in await submissions(marketing, keys)} <= {"created", "merged"}
    shown = await marketing.get(f"/v1/submissions/{first['id']}", headers=keys.as_("analyst"))
    captured = shown.json()["captured"]
    assert (captured["email"], captured["phone"]) == ("ada1@muster-gmbh.com", "+4930901820")
    assert (captured["given_name"], captured["family_name"]) == ("Ada", "Nowak")
    assert (captured["company_name"], captured["job_title"]) == ("Muster GmbH", "CFO")
    assert captured["utm"] == {"campaign": "spring"}
    answers = captured["answers"]
    assert answers["Wie groß ist Ihr Team?"] == "11-50"
    assert (answers["disclaimer.9"], answers["disclaimer.10"]) == ("yes", "no")
    asked = platform.asked[0]
    assert (asked.path, asked.token) == ("/rest/leadFormResponses/lead-1", ACCESS_TOKEN)
    assert (asked.version, asked.protocol) == (VERSION, "2.0.0")
    assert 1 <= platform.questions(f"leadForms/{FORM}") <= 2  # remembered, but both may be asked at once
    assert (await balance(marketing, keys))["holds"]


async def test_a_test_lead_makes_nothing(
    marketing: AsyncClient,
    keys: Keys,
    marketing_sessions: Sessions,
    platform: LinkedIn,
    fetcher: DetailsFetcher,
) -> None:
    connection = await new_connection(marketing, keys, "linkedin")
    platform.lead(LEAD, testLead=True)
    await notify(marketing, connection, notification(LEAD))
    await work_off(marketing_sessions)
    await fetcher.fetch(marketing_sessions)

    [found] = await submissions(marketing, keys)
    assert (found["state"], found["reason"]) == ("rejected", "test")
    assert (found["contact_id"], found["lead_id"]) == (None, None)
    assert (await balance(marketing, keys))["holds"]


@pytest.mark.parametrize(
    ("path", "status", "state", "reason"),
    [
        (f"leadFormResponses/{LEAD}", 401, "quarantined", "linkedin_401"),
        (f"leadFormResponses/{LEAD}", 403, "quarantined", "linkedin_403"),
        (f"leadFormResponses/{LEAD}", 404, "quarantined", "linkedin_http_404"),
        (f"leadFormResponses/{LEAD}", 426, "quarantined", "linkedin_version"),
        (f"leadFormResponses/{LEAD}", 429, "pending", "linkedin_http_429"),
        (f"leadFormResponses/{LEAD}", 503, "pending", "linkedin_http_503"),
        (f"leadForms/{FORM}", 429, "pending", "linkedin_http_429"),
        (f"leadForms/{FORM}", 404, "created", None),  # the answers are there all the same
    ],
)
async def test_errors_hold_back_nobody_for_good(
    marketing: AsyncClient,
    keys: Keys,
    marketing_sessions: Sessions,
    platform: LinkedIn,
    fetcher: DetailsFetcher,
    path: str,
    status: int,
    state: str,
    reason: str | None,
) -> None:
    mapping = {str(FORM): {"question_3": "email"}}
    connection = await new_connection(marketing, keys, "linkedin", field_mapping=mapping)
    platform.lead(LEAD)
    platform.fail(path, status)
    await notify(marketing, connection, notification(LEAD))
    await work_off(marketing_sessions)
    await fetcher.fetch(marketing_sessions)
    [found] = await submissions(marketing, keys)
    assert (found["state"], found["reason"]) == (state, reason)

    if state == "quarantined":
        await marketing.post(f"/v1/submissions/{found['id']}/replay", headers=keys.as_("admin"))
    await make_due(marketing_sessions)
    await fetcher.fetch(marketing_sessions)
    [found] = await submissions(marketing, keys)
    assert found["state"] == "created"
    shown = await marketing.get(f"/v1/connections/{connection['id']}", headers=keys.as_("analyst"))
    assert shown.json()["health"] == "ok"


async def test_a_lost_token_and_a_dead_server_are_told_apart() -> None:
    sealer = Sealer("k" * 32)
    sealed = {"access_token": [sealer.seal("the-token", UUID(int=5))]}
    connection = ConnectionSettings(UUID(int=5), "cn_l", "linkedin", sealed=sealed)
    async with httpx.AsyncClient(timeout=1) as http:
        dead = LinkedInClient("http://127.0.0.1:1", VERSION, sealer, http)
        assert (await dead.ask(LEAD, connection)).reason == "linkedin_unreachable"
        assert (await dead.ask("../me", connection)).reason == "linkedin_id"
        bare = ConnectionSettings(UUID(int=5), "cn_l", "linkedin")
        assert (await dead.ask(LEAD, bare)).reason == "no_access_token"


# ---- reading ------------------------------------------------------------------------------------------


def details(**changes: Any) -> bytes:
    platform = LinkedIn()
    platform.lead(LEAD, **changes)
    return rules.together(orjson.dumps(platform.leads[LEAD]), orjson.dumps(platform.forms[str(FORM)]))


def announced() -> CapturedLead:
    [lead] = adapter.read(notification(LEAD))
    return lead


def test_questions_are_mapped_by_their_text_and_campaigns_by_their_number() -> None:
    lead = adapter.read_details(details(), announced(), CONNECTION)

    assert lead.person.company_size == 11
    assert lead.campaigns[-1] == CampaignReference("linkedin", "354321")
    assert lead.occurred_at is not None
    assert lead.occurred_at.timestamp() == 1764063000
    assert "source" not in lead.utm


def test_a_lead_of_a_company_page_is_not_paid() -> None:
    lead = adapter.read_details(details(leadType="COMPANY", leadMetadata=None), announced(), CONNECTION)

    assert (lead.utm["source"], lead.utm["medium"]) == ("linkedin", "social")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"id": "another-lead"}, UnreadableError),
        ({"id": 7}, UnreadableError),
        ({"testLead": True}, NoticeError),
    ],
)
def test_what_is_no_lead_is_none(changes: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        adapter.read_details(details(**changes), announced(), CONNECTION)


@pytest.mark.parametrize(
    ("urn", "found"),
    [
        ("urn:li:leadGenFormResponse:8a5a-7", "8a5a-7"),
        ("8a5a-7", "8a5a-7"),
        ("urn:li:leadGenFormResponse:", None),
        ("urn:li:person:8a5a", None),
        ("a/../b", None),
        ("a?b", None),
        ("a%2f", None),
        (7, None),
        (None, None),
        ("\uff18", None),
    ],
)
def test_only_what_linkedins_ids_are_becomes_an_address(urn: Any, found: str | None) -> None:
    assert rules.response_id(urn) == found


@pytest.mark.parametrize(
    ("urn", "found"),
    [
        ("urn:li:versionedLeadGenForm:(urn:li:leadGenForm:818,1)", "818"),
        ("urn:li:leadGenForm:818", "818"),
        ("818", "818"),
        ("urn:li:versionedLeadGenForm:(urn:li:leadGenForm:x,1)", None),
        (None, None),
    ],
)
def test_the_number_of_a_form(urn: Any, found: str | None) -> None:
    assert rules.form_id(urn) == found
