"""LinkedIn's door: who is let in, and what is signed."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from httpx import AsyncClient

from shared.database.sessions import Sessions
from tests.marketing.capture.house import (
    ACCESS_TOKEN,
    CLIENT_SECRET,
    balance,
    new_connection,
    notify,
    submissions,
    work_off,
)
from tests.support.keys import Keys
from tests.support.linkedin import notification, signed

CODE = "890e4665-4dfe-4ab1-b689-ed553bceeed0"
LEAD = "8a5a2cf4-7d0e-4a6e-9f53-7"
# From the facts: the secret is `s3cr3t`.
CHALLENGE_VECTOR = "63c7a919bedbaacb240b7f164b53ceec3659f89f076bdd25f84469154bedb6e8"
BODY_VECTOR = b'{"object":"page","entry":[]}'
SIGNATURE_VECTOR = "cecacbc7d03b5ff0fce6a05ceee40e5807c6f3567a2a043cec2590dfe38c0393"


async def connect(client: AsyncClient, keys: Keys, *secrets: str) -> dict[str, Any]:
    """A connection whose client secrets are these, the newest last."""
    body = {"kind": "linkedin", "name": "LinkedIn", "secrets": {"access_token": ACCESS_TOKEN}}
    made = await client.post("/v1/connections", json=body, headers=keys.as_("marketer"))
    connection: dict[str, Any] = made.json()
    for secret in secrets:
        change = {"add_secrets": {"client_secret": secret}}
        path = f"/v1/connections/{connection['id']}"
        changed = await client.patch(path, json=change, headers=keys.as_("admin"))
        assert changed.status_code == 200, changed.text
    return connection


# ---- the address is proved --------------------------------------------------------------------------


async def test_the_challenge_is_answered_as_linkedin_documents(marketing: AsyncClient, keys: Keys) -> None:
    connection = await connect(marketing, keys, "an-older-client-secret", "s3cr3t-s3cr3t")
    answer = await marketing.get(
        connection["webhook_path"], params={"challengeCode": CODE, "applicationId": "7"}
    )

    newest = hmac.new(b"s3cr3t-s3cr3t", CODE.encode(), hashlib.sha256).hexdigest()
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == {"challengeCode": CODE, "challengeResponse": newest}


def test_the_vectors_are_linkedins() -> None:
    assert hmac.new(b"s3cr3t", CODE.encode(), hashlib.sha256).hexdigest() == CHALLENGE_VECTOR
    assert signed(BODY_VECTOR, "s3cr3t") == SIGNATURE_VECTOR


FORGED_LEAD = "hmacsha256=" + notification("forged").decode()


@pytest.mark.parametrize(
    "code",
    [
        FORGED_LEAD,
        "hmacsha256=",
        "",
        "x",
        CODE + FORGED_LEAD,
        CODE + " ",
        CODE + "\n",
        " " + CODE,
        CODE[:-1],
        CODE + "0",
        CODE.replace("-", ""),
        "{" + CODE + "}",
        "urn:uuid:" + CODE,
        "890e4665-4dfe-1ab1-b689-ed553bceeed0",  # version 1
        "890e4665-4dfe-4ab1-c689-ed553bceeed0",  # another variant
        "890e4665-4dfe-4ab1-b689-ed553bceeed\u0660",  # a digit, but no ASCII
        "00000000-0000-0000-0000-000000000000",
    ],
)
async def test_nothing_but_a_uuid4_is_ever_signed(marketing: AsyncClient, keys: Keys, code: str) -> None:
    connection = await connect(marketing, keys, CLIENT_SECRET)
    answer = await marketing.get(connection["webhook_path"], params={"challengeCode": code})

    assert answer.status_code == 400
    assert "challengeResponse" not in answer.text
    assert signed(notification("forged"), CLIENT_SECRET) not in answer.text


async def test_one_code_or_none(marketing: AsyncClient, keys: Keys) -> None:
    connection = await connect(marketing, keys, CLIENT_SECRET)
    path = connection["webhook_path"]
    assert (await marketing.get(path)).status_code == 400
    both = f"{path}?challengeCode={CODE}&challengeCode=hmacsha256%3D"
    assert (await marketing.get(both)).status_code == 400
    assert (await marketing.get(f"{path}?challengeCode=%ff%fe")).status_code == 400
    bare = await connect(marketing, keys)
    assert (await marketing.get(bare["webhook_path"], params={"challengeCode": CODE})).status_code == 403


# ---- who is let in ------------------------------------------------------------------------------------


async def test_only_signed_bytes_get_in(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    connection = await connect(marketing, keys, "the-secret-that-is-retired", CLIENT_SECRET)
    body = notification(LEAD)
    plain = hmac.new(CLIENT_SECRET.encode(), body, hashlib.sha256).hexdigest()
    genuine = signed(body, CLIENT_SECRET)
    for forged in (
        "",
        plain,  # signed without what LinkedIn puts before the body
        signed(body, "another secret"),
        signed(body + b" ", CLIENT_SECRET),
        genuine[:-1],
        genuine + "0",
        "hmacsha256=" + genuine,
        "0" * 64,
    ):
        answer = await notify(marketing, connection, body, **{"x-li-signature": forged})
        assert answer.status_code == 401, forged
    alike = json.dumps(json.loads(body), separators=(",", ":")).encode()
    assert (await notify(marketing, connection, alike, **{"x-li-signature": genuine})).status_code == 401
    assert (await balance(marketing, keys))["deliveries"]["received"] == 0

    older = signed(body, "the-secret-that-is-retired")
    assert (await notify(marketing, connection, body, **{"x-li-signature": older})).status_code == 200
    assert (await notify(marketing, connection, body)).status_code == 200  # LinkedIn sends things twice
    await work_off(marketing_sessions)
    [waiting] = await submissions(marketing, keys)
    assert (waiting["external_id"], waiting["state"], waiting["waits_for"]) == (LEAD, "pending", "details")
    sums = await balance(marketing, keys)
    assert (sums["holds"], sums["deliveries"]["repeat"]) == (True, 1)


async def test_a_deleted_lead_and_other_news_are_notices(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    connection = await new_connection(marketing, keys, "linkedin")
    for body in (
        notification(LEAD, action="DELETED"),
        notification(LEAD, type="ORGANIZATION_SOCIAL_ACTION"),
        notification("../people/me"),
    ):
        assert (await notify(marketing, connection, body)).status_code == 200
    await work_off(marketing_sessions)

    shown = await marketing.get("/v1/deliveries", headers=keys.as_("analyst"))
    assert sorted(one["reason"] for one in shown.json()["items"]) == ["deleted", "no_leads", "other_event"]
    assert await submissions(marketing, keys) == []
