"""Every route of the three OpenAPI documents, called by everybody, also with what is not theirs.

What each caller has to hear comes from `expectation`, and from nowhere else.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any
from uuid import UUID

import httpx

from shared import clock
from shared.auth.access import Role
from shared.services import SERVICES
from tests.hostile.expectation import OWNED, PUBLIC, SCOPES, Allowed, allowed
from tests.hostile.figures import Figures
from tests.hostile.owners import Owned, somebodys
from tests.support.loop import Loop

METHODS = ("get", "post", "put", "patch", "delete", "options")
NOBODYS = str(UUID(int=7))
Headers = Mapping[str, str]


@dataclass(slots=True)
class Matrix:
    """The cells filled so far, and those that hold something else than they should."""

    cells: int = 0
    routes: int = 0
    wrong: list[str] = field(default_factory=list)

    def note(self, status: int, wanted: str, *, right: bool, who: str, route: str) -> None:
        self.cells += 1
        if not right:
            self.wrong.append(f"{who} at {route}: {status}, expected {wanted}")


def strangers(loop: Loop, service: str, public_key: str) -> Iterator[tuple[str, Headers]]:
    """Callers whom nobody knows, each with the headers they send: 401 everywhere."""
    keys, now = loop.keys, int(time.time())
    other = next(name for name in SERVICES if name != service)
    third = next(name for name in SERVICES if name not in (service, other))
    good = keys.token("admin")
    head, body, signature = good.split(".")
    credentials = {
        "an expired token": keys.token("admin", exp=now - 60),
        "a token for another audience": keys.token("admin", aud="somebody-else"),
        "a token of another issuer": keys.token("admin", iss="https://elsewhere.example"),
        "a token without its signature": f"{head}.{body}.",
        "a token with another body": f"{head}.{body[:-2]}AA.{signature}",
        "a service's token for another service": keys.service_token(other, third),
        "a form's public key": public_key,
        "an API key nobody made": "sk_" + "A" * 43,
        "no token at all": "x",
    }
    yield "nobody", {}
    for who, credential in credentials.items():
        yield who, {"Authorization": f"Bearer {credential}"}
    yield "basic credentials", {"Authorization": "Basic YWRtaW46YWRtaW4="}


async def routes_of(client: httpx.AsyncClient) -> dict[str, Any]:
    """`GET /v1/deals` and so on: everything the service's document names, with its example of a body."""
    document = (await client.get("/openapi.json")).json()
    return {
        f"{method.upper()} {path}": example_of(document, operations[method])
        for path, operations in document["paths"].items()
        for method in METHODS
        if method in operations
    }


def example_of(document: dict[str, Any], operation: dict[str, Any]) -> Any:
    """A body the route takes, so that only who asks can be the reason to refuse it."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema = content.get("schema", {})
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    found = next(iter(schema.get("examples", ())), None)
    if isinstance(found, dict) and "closed_on" in found:
        # The day of the example lies further back every day, and reps close deals of yesterday at most.
        found = found | {"closed_on": clock.now().date().isoformat()}
    return found


async def ask(
    client: httpx.AsyncClient,
    route: str,
    headers: Headers,
    *,
    ids: Mapping[str, str] | None = None,
    sent: Any = None,
) -> int:
    method, path = route.split(" ")
    for name, value in (ids or {}).items():
        path = path.replace(name, value)
    path = re.sub(r"\{\w+\}", NOBODYS, path)
    body = (sent or {}) if method in ("POST", "PUT", "PATCH") else None
    seen = {"If-Match": "*"} if method in ("PUT", "PATCH") else {}
    return (await client.request(method, path, headers={**headers, **seen}, json=body)).status_code


async def knock(matrix: Matrix, client: httpx.AsyncClient, loop: Loop, service: str, route: str) -> None:
    """One route, called by everybody who has no object of their own."""
    expected = allowed(service, route)
    if expected is None:
        matrix.wrong.append(f"{service}: no table says who may call {route}")
        return
    for role in Role:
        headers = loop.keys.as_(role, subject="nobody-in-particular")
        let_in(matrix, await ask(client, route, headers), role in expected.roles, f"a {role.value}", route)
    for one, other in combinations(Role, 2):
        headers = loop.keys.as_(one, other, subject="nobody-in-particular")
        may = not expected.roles.isdisjoint((one, other))
        let_in(matrix, await ask(client, route, headers), may, f"a {one.value} and {other.value}", route)
    for name in (each for each in SERVICES if each != service):
        status = await ask(client, route, loop.keys.as_service(name, service))
        let_in(matrix, status, name in expected.services, f"the service {name}", route)


def let_in(matrix: Matrix, status: int, may: bool, who: str, route: str) -> None:
    """Whoever may, hears anything but who they are and whether they may; the others hear 403."""
    right = status not in (401, 403) and status < 500 if may else status == 403
    matrix.note(status, "to be let in" if may else "403", right=right, who=who, route=route)


async def turn_away(
    matrix: Matrix, client: httpx.AsyncClient, route: str, known_by: Iterator[tuple[str, Headers]]
) -> None:
    for who, headers in known_by:
        status = await ask(client, route, headers)
        matrix.note(status, "401", right=status == 401, who=who, route=route)


async def by_key(
    matrix: Matrix, client: httpx.AsyncClient, made: Mapping[str, str], route: str, expected: Allowed
) -> None:
    for scope, key in made.items():
        status = await ask(client, route, {"Authorization": f"Bearer {key}"})
        let_in(matrix, status, scope == expected.scope, f"an API key for {scope}", route)


async def api_keys(loop: Loop, service: str) -> dict[str, str]:
    """A key for each scope that the service has."""
    scopes = sorted(set(SCOPES[service].values()))
    made = {}
    for scope in scopes:
        answer = await loop.call("POST", service, "/v1/api-keys", {"name": scope, "scopes": [scope]})
        made[scope] = answer["key"]
    return made


async def foreign(
    matrix: Matrix, client: httpx.AsyncClient, loop: Loop, service: str, route: str, owned: Owned, body: Any
) -> None:
    """What belongs to one rep and team, asked for by the owners and by the others: 404, as if it were not."""
    expected = allowed(service, route)
    if expected is None or not any(name in route for name in OWNED[service]):
        return
    for role, subject, own in owned.people:
        if role not in expected.roles:
            continue
        headers = loop.keys.as_(role, subject=subject)
        status = await ask(client, route, headers, ids=owned.ids, sent=body)
        right = status not in (401, 403, 404) and status < 500 if own else status == 404
        wanted = "to be their own" if own else "404"
        matrix.note(status, wanted, right=right, who=f"the {role} {subject}", route=f"{route} (of ana's)")
        if not own and not route.startswith("GET ") and Role.ANALYST not in expected.roles:
            headers = loop.keys.as_(role, Role.ANALYST, subject=subject)
            status = await ask(client, route, headers, ids=owned.ids, sent=body)
            who = f"the {role} {subject}, an analyst besides,"
            matrix.note(
                status, "403 or 404", right=status in (403, 404), who=who, route=f"{route} (of ana's)"
            )


async def attack(loop: Loop, *, tick: Callable[[str], None] = lambda _: None) -> list[Figures]:
    found = Figures(
        "Access, route by route",
        "Every route of the three documents, called by every role, service, kind of key and stranger, with "
        "own and foreign objects: each hears what the tables say, nobody else gets in.",
    )
    matrix = Matrix()
    owned = await somebodys(loop)
    public_key = (await loop.call("POST", "marketing", "/v1/forms", {"name": "Open"}))["key"]
    for service in SERVICES:
        tick(f"access: {service}")
        made = await api_keys(loop, service)
        async with httpx.AsyncClient(base_url=loop.url(service), timeout=20) as client:
            for route, body in (await routes_of(client)).items():
                matrix.routes += 1
                if route in PUBLIC:
                    continue
                await turn_away(matrix, client, route, strangers(loop, service, public_key))
                await knock(matrix, client, loop, service, route)
                expected = allowed(service, route)
                if expected is not None:
                    await by_key(matrix, client, made, route, expected)
                await foreign(matrix, client, loop, service, route, owned, body)
    found.counts = {"routes": matrix.routes, "cells": matrix.cells, "cells that differ": len(matrix.wrong)}
    found.faults = matrix.wrong
    return [found]
