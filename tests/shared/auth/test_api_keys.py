"""Keys of other servers: what they open, how they end, who sees them."""

from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient
from sqlalchemy import func, update

from shared.auth.access import Role
from shared.database.edge_tables import api_keys
from shared.http.service import Service
from tests.shared.auth.test_auth import status
from tests.support.keys import Keys


async def new_key(client: AsyncClient, keys: Keys, scope: str = "things:write") -> dict[str, Any]:
    form = {"name": "Website", "scopes": [scope]}
    made = await client.post("/v1/api-keys", json=form, headers=keys.as_("admin"))
    assert made.status_code == 201
    found: dict[str, Any] = made.json()
    return found


async def test_a_server_is_known_by_its_key_within_its_scope(client: AsyncClient, keys: Keys) -> None:
    key = await new_key(client, keys)
    other = await new_key(client, keys, "things:edit")

    assert key["key"].startswith("sk_")
    assert await status(client, key["key"]) == 201
    assert await status(client, other["key"]) == 403


async def test_a_revoked_key_ends_at_once(client: AsyncClient, keys: Keys) -> None:
    key = await new_key(client, keys)
    assert await status(client, key["key"]) == 201

    gone = await client.delete(f"/v1/api-keys/{key['id']}", headers=keys.as_("admin"))

    assert gone.status_code == 204
    assert await status(client, key["key"]) == 401


async def test_an_expired_key_is_refused(client: AsyncClient, service: Service, keys: Keys) -> None:
    key = await new_key(client, keys)
    async with service.state.sessions.begin() as session:
        await session.execute(update(api_keys).values(expires_at=func.now()))

    assert await status(client, key["key"]) == 401


async def test_a_key_is_shown_once_and_stored_nowhere(
    client: AsyncClient, service: Service, keys: Keys
) -> None:
    key = await new_key(client, keys)

    listed = await client.get("/v1/api-keys", headers=keys.as_("admin"))

    assert [item["id"] for item in listed.json()["items"]] == [key["id"]]
    assert key["key"] not in listed.text
    async with service.state.sessions() as session:
        row = (await session.execute(api_keys.select())).one()
    assert key["key"].encode() not in row.hash
    assert len(row.start) == 8


async def test_only_administrators_see_keys(client: AsyncClient, keys: Keys) -> None:
    for role in set(Role) - {Role.ADMIN}:
        assert (await client.get("/v1/api-keys", headers=keys.as_(role))).status_code == 403
    unknown = await client.delete(f"/v1/api-keys/{UUID(int=1)}", headers=keys.as_("admin"))
    assert unknown.status_code == 404


@pytest.mark.parametrize(
    ("scopes", "wrong"),
    [
        (["things:wirte"], ["/scopes/0"]),
        (["things:write", "leads:write"], ["/scopes/1"]),  # another service's
        (["admin:all", "things:write", "things:delete"], ["/scopes/0", "/scopes/2"]),
    ],
)
async def test_a_scope_that_no_route_takes_is_refused_and_those_there_are_named(
    client: AsyncClient, keys: Keys, scopes: list[str], wrong: list[str]
) -> None:
    answer = await client.post(
        "/v1/api-keys", json={"name": "Website", "scopes": scopes}, headers=keys.as_("admin")
    )

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == wrong
    assert "things:edit, things:write" in answer.json()["detail"]
    assert (await client.get("/v1/api-keys", headers=keys.as_("admin"))).json()["items"] == []


async def test_a_key_of_before_shows_which_of_its_scopes_open_nothing(
    client: AsyncClient, service: Service, keys: Keys
) -> None:
    await new_key(client, keys)
    async with service.state.sessions.begin() as session:
        await session.execute(update(api_keys).values(scopes=["admin:all", "things:write"]))

    [shown] = (await client.get("/v1/api-keys", headers=keys.as_("admin"))).json()["items"]

    assert (shown["scopes"], shown["unknown_scopes"]) == (["admin:all", "things:write"], ["admin:all"])
