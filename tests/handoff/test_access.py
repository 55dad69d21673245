"""Who may call what. The list is the whole of it: a route that is not in it fails the test."""

import re
from typing import Any

import pytest

from services.handoff.app import create
from shared.http.route_access import access_of
from shared.http.service import Service
from tests.handoff.samples import SALES, House
from tests.support.key_scopes import scopes_of, scopes_that_differ
from tests.support.keys import Keys
from tests.support.role_pairs import cells_that_differ

EVERYBODY = {"admin", "marketer", "sales_manager", "rep", "analyst", "finance"}
STAFF, LEADERS = {"admin", "sales_manager", "rep"}, {"admin", "sales_manager"}
REPORTS = {"admin", "sales_manager", "analyst"}
OF_EVERY_SERVICE = ("/v1/api-keys", "/v1/audit-events")  # tested where they are made
ONE = "/v1/assignments/{assignment_id}"
ALLOWED = {
    "GET /v1/teams": STAFF | {"analyst"},
    "GET /v1/teams/{team_id}": STAFF | {"analyst"},
    "POST /v1/teams": {"admin"},
    "PATCH /v1/teams/{team_id}": LEADERS,
    "GET /v1/reps": STAFF | {"analyst"},
    "GET /v1/reps/{rep_id}": STAFF | {"analyst"},
    "POST /v1/reps": LEADERS,
    "PATCH /v1/reps/{rep_id}": LEADERS,
    "GET /v1/routing-rules": REPORTS | {"marketer"},
    "PUT /v1/routing-rules": {"admin"},
    "POST /v1/routing/explain": REPORTS | {"marketer"},
    "GET /v1/assignments": STAFF,
    f"GET {ONE}": STAFF,
    f"GET {ONE}/trace": STAFF,
    f"POST {ONE}/accept": {"rep"},
    f"POST {ONE}/decline": {"rep"},
    f"POST {ONE}/first-response": {"rep"},
    f"POST {ONE}/return": STAFF,
    f"POST {ONE}/reassign": LEADERS,
    "GET /v1/pool": LEADERS,
    "GET /v1/reports/speed-to-lead": REPORTS,
    "GET /v1/reports/fairness": REPORTS,
}
# What a server's API key may do, by its scope; nothing else.
SCOPES = {
    **{route: "teams:read" for route in ALLOWED if route.startswith(("GET /v1/teams", "GET /v1/reps"))},
    **{route: "routing:read" for route, roles in ALLOWED.items() if roles == REPORTS | {"marketer"}},
    **dict.fromkeys(("GET /v1/assignments", f"GET {ONE}", f"GET {ONE}/trace"), "assignments:read"),
    "GET /v1/pool": "assignments:read",
    **{route: "reports:read" for route in ALLOWED if route.startswith("GET /v1/reports/")},
}


@pytest.fixture
def service(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> Service:
    for name, value in {**keys.environment("handoff"), "HANDOFF_DATABASE_URL": "postgresql://x/y"}.items():
        monkeypatch.setenv(name, value)
    return create()


def test_every_route_lets_in_exactly_whom_this_list_names(service: Service) -> None:
    found = {
        f"{route.method} {route.path}": {role.value for role in route.roles}
        for route in access_of(service)
        if not route.public and not route.path.startswith(OF_EVERY_SERVICE)
    }

    assert found == ALLOWED


def test_every_scope_is_for_the_routes_of_the_table(service: Service) -> None:
    assert scopes_of(service) == SCOPES


async def test_a_key_opens_what_its_scope_says_and_nothing_else(house: House, keys: Keys) -> None:
    assert await scopes_that_differ(house.http, keys, ALLOWED, SCOPES) == []


async def test_nobody_else_gets_in(house: House, keys: Keys) -> None:
    let_in = []
    for route, allowed in ALLOWED.items():
        method, path = route.split(" ")
        path = re.sub(r"\{\w+\}", str(SALES), path)
        answers = {
            role: await house.http.request(method, path, headers=keys.as_(role))
            for role in EVERYBODY - allowed
        }
        let_in += [(route, role) for role, answer in answers.items() if answer.status_code != 403]
        if (await house.http.request(method, path)).status_code != 401:
            let_in.append((route, "nobody"))

    assert let_in == []


async def test_two_roles_let_in_where_one_of_them_does(house: House, keys: Keys) -> None:
    assert await cells_that_differ(house.http, keys, ALLOWED) == []


def test_every_operation_has_an_example(service: Service) -> None:
    document = service.openapi()
    schemas = document["components"]["schemas"]
    with_example = {name for name, schema in schemas.items() if "examples" in schema}
    without = [
        f"{method} {path}"
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if path.startswith("/v1/")
        and not path.startswith(OF_EVERY_SERVICE)
        and not with_example & reachable(operation, schemas)
    ]

    assert without == []


def reachable(part: Any, schemas: dict[str, Any]) -> set[str]:
    """The names of the schemas an operation's body and answer are made of."""
    found: set[str] = set()
    waiting = re.findall(r"schemas/(\w+)", str(part))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += re.findall(r"schemas/(\w+)", str(schemas[name]))
    return found
