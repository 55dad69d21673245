"""Details of LinkedIn's leads: asked for at a real HTTP server, read, tried again, or given to a person."""

from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import httpx
import pytest
from httpx import AsyncClient
from pydantic import SecretStr, ValidationError
from sqlalchemy import text

from services.marketing.capture.connectors.linkedin.client import LinkedInClient, open_client
from services.marketing.capture.sources.encryption import Sealer
from services.marketing.capture.sources.rules import ConnectionSettings
from services.marketing.capture.submissions.fetch_job import DetailsFetcher
from services.marketing.settings import Settings
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
    [asked] = [one for one in platform.asked if one.path == "/rest/leadFormResponses/lead-1"]
    assert asked.token == ACCESS_TOKEN
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


async def test_address_and_version_are_settings_and_a_redirect_gets_no_token(platform: LinkedIn) -> None:
    platform.version = "202601"
    platform.lead(LEAD)
    sealer = Sealer("k" * 32)
    sealed = {"access_token": [sealer.seal(ACCESS_TOKEN, UUID(int=5))]}
    connection = ConnectionSettings(UUID(int=5), "cn_l", "linkedin", sealed=sealed)
    settings = Settings(
        marketing_database_url=SecretStr("postgresql://nowhere/nothing"),
        linkedin_url=f"{platform.url}/",
        linkedin_version="202601",
    )
    async with open_client(settings, sealer) as client:
        assert (await client.ask(LEAD, connection)).step == "details"
        platform.fail(f"leadFormResponses/{LEAD}", 302)
        asked = len(platform.asked)
        answer = await client.ask(LEAD, connection)
        assert (answer.step, answer.reason) == ("refused", "linkedin_http_302")
        assert len(platform.asked) == asked + 1
    for version in ("202613", "2026", "latest"):
        with pytest.raises(ValidationError):
            Settings(marketing_database_url=SecretStr("x"), linkedin_version=version)
