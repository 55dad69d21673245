"""What holds at every route of every service: default-deny, problems for bad input, a described operation."""

import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient, Response

from shared.auth.access import Role, RouteAccess
from shared.http.route_access import access_of
from shared.http.service import Service
from shared.services import SERVICES
from tests.support.apps import serving
from tests.support.databases import fresh_database
from tests.support.keys import Keys

HEALTH = {"/livez", "/readyz", "/metrics"}
HOSTILE: list[Any] = [
    b"", b"{", b"null", b"[]", b"{}", b'"text"', b"1e999", b"[" * 30 + b"]" * 30, b'{"name": "\\u0000"}',
    b'{"name": "\\ud800"}', b"\xff\xfe", b'{"id": 99999999999999999999}', b'{"amount": {"amount": "1e3"}}',
    b"{" + b",".join(b'"f%d": 1' % number for number in range(300)) + b"}",
]  # fmt: skip
ODD: list[Any] = [None, -1, 2**63 - 1, "", "x" * 20_000, "\u202e'; DROP TABLE x;--", [[]], {"a": {"b": 1}}]


@pytest.fixture(scope="module", params=sorted(SERVICES))
async def surface(request: pytest.FixtureRequest, keys: Keys) -> AsyncIterator[tuple[Service, AsyncClient]]:
    with pytest.MonkeyPatch.context() as patch:
        async with (
            fresh_database(request.param) as url,
            serving(request.param, url, keys, patch) as (app, client),
        ):
            assert isinstance(app, Service)
            yield app, client


def routes(app: Service) -> list[RouteAccess]:
    return [line for line in access_of(app) if line.path not in HEALTH]


def path_of(line: RouteAccess, value: str = str(UUID(int=7))) -> str:
    return re.sub(r"\{[^}]+\}", value, line.path)


def credentials(line: RouteAccess, service: str, keys: Keys) -> dict[str, str]:
    if line.services:
        return keys.as_service(line.services[0], service)
    return keys.as_(*(role.value for role in line.roles))


def is_a_clear_answer(response: Response) -> bool:
    refused = response.status_code >= 400
    # Google Ads shows its users the field `message` of plain JSON; all others get a problem.
    kinds = {"application/problem+json"} | (
        {"application/json"} if "/google-ads/" in str(response.url) else set()
    )
    return response.status_code < 500 and (not refused or response.headers["content-type"] in kinds)


async def test_every_route_lets_in_whom_it_names_and_nobody_else(
    surface: tuple[Service, AsyncClient], keys: Keys
) -> None:
    app, client = surface
    for line in routes(app):
        path = path_of(line)
        unknown = await client.request(line.method, path)
        assert (unknown.status_code == 401) == (line.public is None), line
        for role in Role if line.public is None else ():
            answer = await client.request(line.method, path, headers=keys.as_(role))
            assert (answer.status_code == 403) == (role not in line.roles) or role in line.roles, line
        for service in set(SERVICES) if line.public is None else ():
            answer = await client.request(
                line.method, path, headers=keys.as_service(service, app.state.edge.service)
            )
            assert (answer.status_code == 403) == (service not in line.services), (line, service)


async def test_hostile_bodies_get_a_clear_answer_at_every_route(
    surface: tuple[Service, AsyncClient], keys: Keys
) -> None:
    app, client = surface
    for line in routes(app):
        headers = credentials(line, app.state.edge.service, keys) | {"Content-Type": "application/json"}
        for body in HOSTILE if line.method in ("POST", "PUT", "PATCH") else ():
            answer = await client.request(line.method, path_of(line), content=body, headers=headers)
            assert is_a_clear_answer(answer), (line.method, line.path, body[:40], answer.text)


async def test_odd_values_in_every_field_get_a_clear_answer(
    surface: tuple[Service, AsyncClient], keys: Keys
) -> None:
    app, client = surface
    document = app.openapi()
    for line in routes(app):
        operation = document["paths"].get(line.path, {}).get(line.method.lower(), {})
        headers = credentials(line, app.state.edge.service, keys)
        fields = _fields(document, operation)
        for value in ODD if fields else ():
            body = dict.fromkeys(fields, value)
            answer = await client.request(line.method, path_of(line), json=body, headers=headers)
            assert is_a_clear_answer(answer), (line.method, line.path, value, answer.text)


async def test_odd_paths_and_queries_get_a_clear_answer(
    surface: tuple[Service, AsyncClient], keys: Keys
) -> None:
    app, client = surface
    document = app.openapi()
    odd = ["x", "%00", "%ff", "..%2f", "9" * 400, "2026-02-30", "NaN"]
    for line in routes(app):
        headers = credentials(line, app.state.edge.service, keys)
        operation = document["paths"].get(line.path, {}).get(line.method.lower(), {})
        names = [part["name"] for part in operation.get("parameters", []) if part["in"] == "query"]
        paths = [path_of(line, value) for value in odd if "{" in line.path]
        paths += [f"{path_of(line)}?{'&'.join(f'{name}={value}' for name in names)}" for value in odd]
        for path in paths:
            answer = await client.request(line.method, path, headers=headers)
            assert is_a_clear_answer(answer), (line.method, path, answer.text)


def test_every_operation_is_described_with_an_example(surface: tuple[Service, AsyncClient]) -> None:
    app, _ = surface
    document = app.openapi()
    bare = [
        f"{line.method} {line.path}"
        for line in routes(app)
        if line.method != "OPTIONS"
        and not _has_example(document, document["paths"].get(line.path, {}).get(line.method.lower()))
    ]
    assert bare == []


def _resolve(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = schema
    while "$ref" in found:
        found = document["components"]["schemas"][found["$ref"].rsplit("/", 1)[1]]
    return found


def _fields(document: dict[str, Any], operation: dict[str, Any]) -> list[str]:
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    return sorted(_resolve(document, schema).get("properties", {}))


def _has_example(document: dict[str, Any], operation: dict[str, Any] | None) -> bool:
    if operation is None:
        return False
    parts = [
        part for answer in operation["responses"].values() for part in answer.get("content", {}).values()
    ]
    parts += operation.get("requestBody", {}).get("content", {}).values()
    return all("example" in str(part) or _shown(document, part.get("schema", {})) for part in parts)


def _shown(document: dict[str, Any], schema: dict[str, Any]) -> bool:
    """Whether a schema, or every part it is made of, carries examples."""
    found = _resolve(document, schema)
    if "example" in found or "examples" in found or "enum" in found or "const" in found:
        return True
    if found.get("type") == "array":
        return _shown(document, found.get("items", {}))
    parts = found.get("anyOf", []) + list(found.get("properties", {}).values())
    return any(_shown(document, part) for part in parts if part is not schema) or found == {}
