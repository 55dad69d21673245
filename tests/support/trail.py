"""What a service's audit trail says, as an administrator reads it; and which routes it tells of."""

from typing import Any

from fastapi.routing import iter_route_contexts
from httpx import AsyncClient

from shared.auth.access import Caller
from shared.http.audit.trail import is_write
from shared.http.routes import READING, Route
from tests.support.keys import Keys

PERSON = Caller("person", "ana")


async def trail(client: AsyncClient, keys: Keys, **wanted: str) -> list[dict[str, Any]]:
    """The latest first."""
    answer = await client.get("/v1/audit-events", params=wanted, headers=keys.as_("admin"))
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def untold(app: Any) -> set[str]:
    """The routes that take a body and leave no row: what is asked there changes nothing."""
    found = set()
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, Route) and not is_write(PERSON, route.accesses):
            found |= {f"{method} {context.path}" for method in set(context.methods or ()) - READING}
    return found
