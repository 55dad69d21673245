"""Every route with a key of every scope of its service."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from httpx import AsyncClient

from shared.http.route_access import access_of
from tests.support.keys import Keys
from tests.support.role_pairs import NOBODYS


def scopes_of(app: Any) -> dict[str, str]:
    """The routes that a server's key opens, and the scope it needs."""
    return {f"{line.method} {line.path}": line.scopes[0] for line in access_of(app) if line.scopes}


async def scopes_that_differ(
    client: AsyncClient, keys: Keys, routes: Iterable[str], scopes: Mapping[str, str]
) -> list[tuple[str, str, int]]:
    """Where a key is let in without its scope, or refused with it: route, scope, status."""
    wrong = []
    for scope in sorted(set(scopes.values())):
        made = await client.post(
            "/v1/api-keys", json={"name": scope, "scopes": [scope]}, headers=keys.as_("admin")
        )
        key = {"Authorization": f"Bearer {made.json()['key']}"}
        for route in routes:
            method, path = route.split(" ")
            address = re.sub(r"\{\w+\}", NOBODYS, path)
            status = (await client.request(method, address, json={}, headers=key)).status_code
            let_in = status not in (401, 403) and status < 500
            if let_in != (scopes.get(route) == scope) or (status != 403 and not let_in):
                wrong.append((route, scope, status))
    return wrong
