"""What somebody with one or two roles may do: what either role may, and nothing that neither may alone."""

import re
from collections.abc import Iterable, Mapping
from itertools import combinations

from httpx import AsyncClient

from shared.auth.access import Role
from tests.support.keys import Keys

Roles = tuple[str, ...]
ONE_ROLE = [(role.value,) for role in Role]
PAIRS = [(one.value, other.value) for one, other in combinations(Role, 2)]
NOBODYS = "00000000-0000-7000-8000-000000000000"
ANY = "any"  # holds of every row, whoever asks

# To which rows a role may do something: those of which one of these words holds, `own`, `managed` …
Table = Mapping[str, set[str]]


def expected(roles: Roles, holds: Iterable[str], *, read: Table, done: Table) -> int:
    """200: theirs to do. 403: theirs to see, or for none of their roles. 404: as if it were not there."""
    words = {ANY, *holds}
    if not any(role in done for role in roles):
        return 403
    if any(words & done.get(role, set()) for role in roles):
        return 200
    return 403 if any(words & read.get(role, set()) for role in roles) else 404


def heard(status: int) -> int:
    """The status as far as it tells whether one may: a conflict is heard by those who may."""
    return 200 if status < 300 or status == 409 else status


async def cells_that_differ(
    client: AsyncClient, keys: Keys, may: Mapping[str, set[str]]
) -> list[tuple[str, Roles, int]]:
    """Every route called by every pair of roles: who hears 403 and should not, and the other way round."""
    wrong: list[tuple[str, Roles, int]] = []
    for route, allowed in may.items():
        method, path = route.split(" ")
        path = re.sub(r"\{\w+\}", NOBODYS, path)
        for roles in PAIRS:
            answer = await client.request(method, path, json={}, headers=keys.as_(*roles))
            lets_in = answer.status_code not in (401, 403) and answer.status_code < 500
            if lets_in != bool(allowed.intersection(roles)):
                wrong.append((route, roles, answer.status_code))
    return wrong
