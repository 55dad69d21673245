"""Who is calling, and default-deny."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
import pytest
from fastapi import APIRouter
from httpx import AsyncClient
from sqlalchemy import func, update

from shared.auth import tokens
from shared.auth.access import Access, Caller, Role, RouteAccess, allow, public
from shared.auth.tokens import KeySet
from shared.database.edge_tables import api_keys
from shared.errors import ForbiddenError, UnauthenticatedError, UnavailableError
from shared.http.app import create_service
from shared.http.route_access import UnmarkedRouteError, access_of
from shared.http.service import Service, router
from shared.settings import SettingsError
from tests.shared.http import things
from tests.support.keys import Keys

BODY = {"name": "one"}


async def status(client: AsyncClient, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return (await client.post("/v1/things", json=BODY, headers=headers)).status_code


def forged(keys: Keys, **claims: Any) -> dict[str, Any]:
    now = int(time.time())
    usual = {"iss": "https://login.example.test", "aud": "leadloop", "sub": "x", "roles": ["rep"]}
    return {**usual, "iat": now, "exp": now + 60, **claims}


async def test_nobody_is_asked_for_a_token(client: AsyncClient) -> None:
    response = await client.post("/v1/things", json=BODY)

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer not.a.token", "Bearer sk_no"]
)
async def test_what_is_no_credential_is_refused(client: AsyncClient, header: str) -> None:
    response = await client.post("/v1/things", json=BODY, headers={"Authorization": header})

    assert response.status_code == 401


async def test_the_caller_is_checked_before_the_body_is_read(client: AsyncClient) -> None:
    assert (await client.post("/v1/things", content=b"{" * 100_000)).status_code == 401


async def test_a_role_that_is_not_enough_is_refused(client: AsyncClient, keys: Keys) -> None:
    response = await client.post("/v1/things", json=BODY, headers=keys.as_("analyst"))

    assert response.status_code == 403
    assert "the role rep" in response.json()["detail"]


async def test_roles_that_do_not_exist_are_nobody(client: AsyncClient, keys: Keys) -> None:
    assert await status(client, keys.token("root", "superuser")) == 403


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.example.test"},
        {"aud": "another"},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"nbf": 4_000_000_000},
    ],
)
async def test_a_token_for_another_time_or_place_is_refused(
    client: AsyncClient, keys: Keys, claims: dict[str, Any]
) -> None:
    kept = {name: value for name, value in forged(keys, **claims).items() if value is not None}

    assert await status(client, tokens.sign(keys._read("people.jwk"), kept)) == 401


async def test_a_token_signed_by_a_stranger_is_refused(client: AsyncClient, keys: Keys) -> None:
    stranger = tokens.new_key("people-1")

    assert await status(client, tokens.sign(stranger, forged(keys))) == 401


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
async def test_no_other_algorithm_is_taken(client: AsyncClient, keys: Keys, algorithm: str) -> None:
    """The classic forgery: a MAC with the public key as its secret, or no signature at all."""
    public_key = json.loads((keys.folder / "people.jwks").read_text())["keys"][0]["x"]
    secret = "" if algorithm == "none" else public_key.ljust(64, "=")

    token = jwt.encode(forged(keys), secret, algorithm=algorithm, headers={"kid": "people-1"})

    assert await status(client, token) == 401


@pytest.mark.parametrize(("lives", "longest"), [(2, 7), (600, 60)])
async def test_a_good_token_is_remembered_for_a_minute_and_never_past_its_end(
    client: AsyncClient, service: Service, keys: Keys, lives: int, longest: int
) -> None:
    token = keys.token("rep", exp=int(time.time()) + lives)
    assert await status(client, token) == 201

    _, until = service.state.edge.authenticator._remembered[token]
    assert until - time.monotonic() <= longest


async def test_a_service_is_known_by_its_token(client: AsyncClient, keys: Keys) -> None:
    response = await client.post("/v1/closed", headers=keys.as_service("sales", "handoff"))

    assert response.json() == {"caller": "sales"}


async def test_a_service_token_for_another_service_is_refused(client: AsyncClient, keys: Keys) -> None:
    response = await client.post("/v1/closed", headers=keys.as_service("sales", "marketing"))

    assert response.status_code == 401


async def test_a_service_that_was_not_named_is_refused(client: AsyncClient, keys: Keys) -> None:
    response = await client.post("/v1/closed", headers=keys.as_service("marketing", "handoff"))

    assert response.status_code == 403


async def test_a_service_can_not_sign_in_the_name_of_another(client: AsyncClient, keys: Keys) -> None:
    token = tokens.sign_for_service(
        keys._read("marketing.jwk"), caller="sales", callee="handoff", now=time.time()
    )

    response = await client.post("/v1/closed", headers={"Authorization": f"Bearer {token}"})

    assert response.status_code == 401


async def test_a_service_token_of_an_hour_is_refused(client: AsyncClient, keys: Keys) -> None:
    now = int(time.time())
    claims = {"iss": "leadloop:sales", "sub": "sales", "aud": "handoff", "iat": now, "exp": now + 3600}
    token = tokens.sign(keys._read("sales.jwk"), claims)

    response = await client.post("/v1/closed", headers={"Authorization": f"Bearer {token}"})

    assert response.status_code == 401


async def new_key(client: AsyncClient, keys: Keys, scope: str = "things:write") -> dict[str, Any]:
    form = {"name": "Website", "scopes": [scope]}
    made = await client.post("/v1/api-keys", json=form, headers=keys.as_("admin"))
    assert made.status_code == 201
    found: dict[str, Any] = made.json()
    return found


async def test_a_server_is_known_by_its_key_within_its_scope(client: AsyncClient, keys: Keys) -> None:
    key = await new_key(client, keys)
    other = await new_key(client, keys, "contacts:read")

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


async def test_every_route_refuses_every_role_it_does_not_name(
    client: AsyncClient, service: Service, keys: Keys
) -> None:
    for line in access_of(service):
        path = line.path.replace("{key_id}", str(UUID(int=1))).replace("{", "").replace("}", "")
        unknown = await client.request(line.method, path)
        assert (unknown.status_code == 401) == (line.public is None), line
        for role in Role:
            answer = await client.request(line.method, path, headers=keys.as_(role))
            allowed = line.public is not None or role in line.roles
            assert (answer.status_code == 403) == (not allowed), (line, role)


def test_a_route_that_does_not_say_who_may_call_stops_the_start(keys: Keys) -> None:
    open_by_mistake = router("/v1/open")
    open_by_mistake.add_api_route("", lambda: None, methods=["GET"])
    past_the_edge = APIRouter(prefix="/v1/past")
    past_the_edge.add_api_route("", lambda: None, methods=["GET"])
    _, settings = things.make_service("postgresql://nobody@127.0.0.1:1/none", keys)

    with pytest.raises(UnmarkedRouteError, match="/v1/open"):
        create_service("handoff", settings, [open_by_mistake])
    with pytest.raises(UnmarkedRouteError, match="/v1/past"):
        create_service("handoff", settings, [past_the_edge])


def test_missing_settings_are_named(keys: Keys) -> None:
    with pytest.raises(SettingsError, match="AUTH_JWKS_URL, SERVICE_JWKS_URL"):
        things.make_service("postgresql://x@127.0.0.1:1/x", keys, auth_jwks_url="", service_jwks_url="")


def test_the_list_of_routes_says_who_may_call(service: Service) -> None:
    lines = access_of(service)

    roles = frozenset({Role.REP, Role.SALES_MANAGER})
    assert RouteAccess("POST", "/v1/things", roles, (), ("things:write",)) in lines
    assert RouteAccess("POST", "/v1/closed", frozenset(), ("sales",), ("things:write",)) in lines
    assert any(line.path == "/livez" and line.public for line in lines)


@pytest.mark.parametrize(
    ("access", "caller", "passes"),
    [
        (allow(Role.REP), Caller("person", "a", frozenset({Role.REP})), True),
        (allow(Role.REP), Caller("person", "a", frozenset({Role.ADMIN})), False),
        (allow(Role.REP), Caller("server", "k", scopes=frozenset({"rep"})), False),
        (allow(servers="a:b"), Caller("server", "k", scopes=frozenset({"a:b"})), True),
        (allow(servers="a:b"), Caller("server", "k", scopes=frozenset({"a:c"})), False),
        (allow(services=("sales",)), Caller("service", "sales"), True),
        (allow(services=("sales",)), Caller("service", "handoff"), False),
        (allow(services=("sales",)), Caller("person", "sales", frozenset(Role)), False),
        (public("why"), Caller("form", "pk"), True),
    ],
)
def test_a_marker_lets_in_whom_it_names_and_nobody_else(access: Access, caller: Caller, passes: bool) -> None:
    if passes:
        access.check(caller)
    else:
        with pytest.raises(ForbiddenError):
            access.check(caller)


async def test_an_unknown_key_id_fetches_the_set_again_but_not_every_time(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    first, second = tokens.new_key("one"), tokens.new_key("two")
    path.write_text(json.dumps(tokens.public_keys([first])))
    keys = KeySet(path.as_uri())
    await keys.key("one")
    path.write_text(json.dumps(tokens.public_keys([second])))

    with pytest.raises(UnauthenticatedError):
        await keys.key("two")  # within ten seconds of the last look
    keys._tried -= 11

    assert (await keys.key("two")).key_id == "two"
    with pytest.raises(UnauthenticatedError):
        await keys.key("one")  # withdrawn


async def test_keys_that_can_not_be_fetched_are_our_problem(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError):
        await KeySet((tmp_path / "missing.json").as_uri()).key("one")


async def test_known_keys_stay_good_while_the_set_is_away(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(tokens.public_keys([tokens.new_key("one")])))
    keys = KeySet(path.as_uri())
    await keys.key("one")
    path.unlink()
    keys._fetched -= 1000
    keys._tried -= 1000

    assert (await keys.key("one")).key_id == "one"


async def test_keys_come_over_http_too() -> None:
    body = json.dumps(tokens.public_keys([tokens.new_key("one")])).encode()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    keys = KeySet(f"http://127.0.0.1:{port}/jwks")

    found = await asyncio.gather(*(keys.key("one") for _ in range(20)))

    assert {key.key_id for key in found} == {"one"}
    server.close()
    await server.wait_closed()
