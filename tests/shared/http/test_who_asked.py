"""A request's line in the log says who asked, with what, and from where when it matters."""

import json
from typing import Any

import pytest
from httpx import AsyncClient

from tests.shared.auth.test_api_keys import new_key
from tests.support.keys import Keys

WHO = ("subject", "credential", "address")


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Who asked, by the last line."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    answered = [line for line in lines if line["event"] == "answered"]
    assert "dropped" not in answered[-1]
    return {name: answered[-1][name] for name in WHO if name in answered[-1]}


async def test_a_person_is_known_by_subject_and_token(
    client: AsyncClient, keys: Keys, capsys: pytest.CaptureFixture[str]
) -> None:
    token = {"Authorization": f"Bearer {keys.token('rep', subject='ana', jti='token-7')}"}

    await client.post("/v1/things", json={"name": "a"}, headers=token)
    assert said(capsys) == {"subject": "ana", "credential": "token-7", "address": "127.0.0.1"}
    await client.get("/v1/api-keys", headers=token)
    assert said(capsys) == {"subject": "ana", "credential": "token-7", "address": "127.0.0.1"}  # refused: 403


async def test_reading_leaves_no_address(
    client: AsyncClient, keys: Keys, capsys: pytest.CaptureFixture[str]
) -> None:
    token = {"Authorization": f"Bearer {keys.token('admin', subject='boss', jti='token-8')}"}

    assert (await client.get("/v1/api-keys", headers=token)).status_code == 200
    assert said(capsys) == {"subject": "boss", "credential": "token-8"}


async def test_a_server_is_known_by_the_id_of_its_key(
    client: AsyncClient, keys: Keys, capsys: pytest.CaptureFixture[str]
) -> None:
    key = await new_key(client, keys)
    headers = {"Authorization": f"Bearer {key['key']}"}

    await client.post("/v1/things", json={"name": "a"}, headers=headers)
    assert said(capsys) == {"subject": key["id"], "credential": key["id"], "address": "127.0.0.1"}


async def test_of_a_stranger_the_address_is_known_when_they_are_refused(
    client: AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = await client.post(
        "/v1/things", json={"name": "a"}, headers={"Authorization": "Bearer nonsense"}
    )

    assert refused.status_code == 401
    assert said(capsys) == {"address": "127.0.0.1"}
