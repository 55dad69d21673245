"""TikTok at the door, and how leniently its leads are read: what one looks like is not verified."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import orjson
import pytest
from httpx import AsyncClient

from services.marketing.acquisition.campaigns.rules import CampaignReference
from services.marketing.capture.connectors.rules import NoticeError, UnreadableError
from services.marketing.capture.connectors.tiktok import adapter, endpoint
from services.marketing.capture.sources.rules import ConnectionSettings
from shared import clock
from shared.database.sessions import Sessions
from tests.marketing.capture.house import CLIENT_SECRET, balance, new_connection, submissions, work_off
from tests.support.keys import Keys

CONNECTION = ConnectionSettings(UUID(int=6), "cn_t", "tiktok")
# From the facts: the secret is `s3cr3t`.
VECTOR = ("1700000000", "85c2d303d4b8ccafd7b03bfa8de6f5fa8dc4eed5def6749c0dda06f68e712d59")
VECTOR_BODY = b'{"object":"page","entry":[]}'


def webhook(content: Any, event: str = "lead.generate") -> bytes:
    text = content if isinstance(content, str) else json.dumps(content)
    return json.dumps(
        {"client_key": "aw1", "event": event, "create_time": 1764063000, "user_openid": "", "content": text}
    ).encode()


def header(body: bytes, at: float | str, secret: str = CLIENT_SECRET) -> str:
    number = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},s={number}"


async def send(client: AsyncClient, connection: dict[str, Any], body: bytes, signature: str) -> int:
    headers = {"content-type": "application/json", "tiktok-signature": signature}
    return (await client.post(connection["webhook_path"], content=body, headers=headers)).status_code


def test_the_vector_is_tiktoks() -> None:
    at, number = VECTOR
    assert header(VECTOR_BODY, at, "s3cr3t") == f"t={at},s={number}"
    assert endpoint._SIGNATURE.fullmatch(f"t={at},s={number}")


async def test_a_signed_lead_is_taken_once(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    connection = await new_connection(marketing, keys, "tiktok")
    body = webhook({"lead_id": "7301", "email": "ada@muster-gmbh.com", "campaign_id": 1799})
    now = int(clock.now().timestamp())
    assert await send(marketing, connection, body, header(body, now)) == 200
    assert await send(marketing, connection, body, header(body, now - 60)) == 200
    await work_off(marketing_sessions)

    [found] = await submissions(marketing, keys)
    assert (found["state"], found["external_id"], found["door"]) == ("created", "7301", "tiktok")
    sums = await balance(marketing, keys)
    assert (sums["holds"], sums["deliveries"]["repeat"]) == (True, 1)


async def test_only_signed_bytes_get_in(marketing: AsyncClient, keys: Keys) -> None:
    connection = await new_connection(marketing, keys, "tiktok")
    body = webhook({"email": "ada@muster-gmbh.com"})
    now = int(clock.now().timestamp())
    genuine = header(body, now)
    number = genuine.rpartition("=")[2]
    for forged in (
        "",
        number,
        f"s={number}",
        f"t={now}",
        f"t={now - 1},s={number}",
        f"t={now},s={number[:-1]}",
        f"t={now},v1={number}",
        header(body + b" ", now),
        header(body, now, "another secret"),
        f"t={now},s={hmac.new(CLIENT_SECRET.encode(), body, hashlib.sha256).hexdigest()}",
        header(body, "-1"),
        header(body, "1e9"),
    ):
        assert await send(marketing, connection, body, forged) == 401, forged
    assert (await balance(marketing, keys))["deliveries"]["received"] == 0


@pytest.mark.parametrize(("late", "status"), [(-301, 401), (-299, 200), (299, 200), (301, 401)])
async def test_a_signature_of_another_time_is_refused(
    marketing: AsyncClient, keys: Keys, monkeypatch: pytest.MonkeyPatch, late: int, status: int
) -> None:
    moment = datetime.fromtimestamp(1_700_000_000 + late, UTC)
    monkeypatch.setattr(endpoint, "clock", SimpleNamespace(now=lambda: moment))
    connection = await new_connection(marketing, keys, "tiktok")
    body = webhook({"email": "ada@muster-gmbh.com"})

    assert await send(marketing, connection, body, header(body, 1_700_000_000)) == status


@pytest.mark.parametrize(
    "content",
    [
        {"email": "ada@muster-gmbh.com", "full_name": "Ada Nowak"},
        {"lead": {"user": {"email": "ada@muster-gmbh.com", "name": "Ada Nowak"}}},
        {"field_data": [
            {"name": "email", "values": ["ada@muster-gmbh.com"]},
            {"name": "full_name", "values": ["Ada Nowak"]},
        ]},
        {"answers": [
            {"question": "Email", "answer": "ada@muster-gmbh.com"},
            {"question": "Name", "answer": "Ada Nowak"},
        ]},
        {"lead": [
            {"field": "email", "value": "ada@muster-gmbh.com"}, {"field": "name", "value": "Ada Nowak"}
        ]},
        json.dumps({"email": "ada@muster-gmbh.com", "name": "Ada Nowak"}),
    ],
)  # fmt: skip
def test_a_person_is_found_however_it_is_written(content: Any) -> None:
    [lead] = adapter.read(webhook(content), CONNECTION)

    assert (lead.person.email, lead.person.given_name) == ("ada@muster-gmbh.com", "Ada")


def test_ids_questions_and_times_are_kept() -> None:
    content = {
        "lead_id": "7301",
        "campaign_id": "1799",
        "create_time": 1764060000,
        "answers": [{"question": "Wie groß ist Ihr Team?", "answer": "11-50"}],
    }
    [lead] = adapter.read(webhook(content), CONNECTION)

    assert (lead.external_id, lead.campaigns) == ("7301", (CampaignReference("tiktok", "1799"),))
    assert lead.answers["Wie groß ist Ihr Team?"] == "11-50"
    assert lead.occurred_at == datetime.fromtimestamp(1764060000, UTC)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (webhook({}, event="authorization.removed"), "other_event"),
        (webhook({"video_id": 1}, event="video.publish.completed"), "other_event"),
        (webhook({}), "no_leads"),
        (webhook({"email": "x@y.com", "is_test": True}), "test"),
    ],
)
def test_other_news_and_tests_make_no_lead(body: bytes, reason: str) -> None:
    with pytest.raises(NoticeError, match=reason):
        adapter.read(body, CONNECTION)


@pytest.mark.parametrize("content", ["no json", "[1]", '{"a":', "[" * 50])
def test_content_that_is_no_json_is_unreadable(content: str) -> None:
    with pytest.raises(UnreadableError):
        adapter.read(webhook(content), CONNECTION)


def test_content_may_be_an_object_already() -> None:
    body = orjson.dumps({"event": "lead", "content": {"email": "ada@muster-gmbh.com"}})

    [lead] = adapter.read(body, CONNECTION)
    assert lead.person.email == "ada@muster-gmbh.com"
