"""Who may call what. The table is the whole of it: a route that is not in it fails the test."""

from typing import Any

from httpx import AsyncClient

from shared.auth.access import Role
from shared.http.route_access import access_of
from tests.support.keys import Keys

SELLERS = {"admin", "rep", "sales_manager"}
BOOKERS = SELLERS | {"finance"}
READERS = BOOKERS | {"analyst"}
CORRECTORS = {"admin", "finance", "sales_manager"}
EVERYBODY = {role.value for role in Role}

MAY: dict[str, set[str]] = {
    "GET /v1/activities": READERS,
    "PATCH /v1/activities/{activity_id}": SELLERS,
    "GET /v1/deals": READERS,
    "POST /v1/deals": SELLERS,
    "GET /v1/deals/{deal_id}": READERS,
    "PATCH /v1/deals/{deal_id}": SELLERS,
    "GET /v1/deals/{deal_id}/activities": READERS,
    "POST /v1/deals/{deal_id}/activities": SELLERS,
    "POST /v1/deals/{deal_id}/amend": CORRECTORS,
    "GET /v1/deals/{deal_id}/history": READERS,
    "POST /v1/deals/{deal_id}/lose": SELLERS,
    "GET /v1/deals/{deal_id}/payments": READERS,
    "POST /v1/deals/{deal_id}/payments": BOOKERS,
    "POST /v1/deals/{deal_id}/refunds": CORRECTORS,
    "POST /v1/deals/{deal_id}/reopen": CORRECTORS,
    "POST /v1/deals/{deal_id}/stage": SELLERS,
    "POST /v1/deals/{deal_id}/win": SELLERS,
    "GET /v1/exchange-rates": EVERYBODY,
    "POST /v1/exchange-rates": {"admin", "finance"},
    "GET /v1/pipelines": EVERYBODY,
    "POST /v1/pipelines": {"admin", "sales_manager"},
    "GET /v1/pipelines/{pipeline_id}": EVERYBODY,
    "PATCH /v1/pipelines/{pipeline_id}": {"admin", "sales_manager"},
    "GET /v1/reports/pipeline": READERS,
    "GET /v1/reports/win-rate": READERS,
}


def routes_of(app: Any) -> dict[str, set[str]]:
    """Every route of the slices, and the roles that may call it."""
    lines = [line for line in access_of(app) if line.public is None and "/api-keys" not in line.path]
    return {f"{line.method} {line.path}": {role.value for role in line.roles} for line in lines}


async def test_every_route_is_for_the_roles_of_the_table(sales: AsyncClient) -> None:
    assert routes_of(app_of(sales)) == MAY


async def test_everybody_else_is_refused_by_every_route(sales: AsyncClient, keys: Keys) -> None:
    wrongly_let_in = []
    for route, roles in MAY.items():
        method, path = route.split(" ")
        address = path.replace("{deal_id}", NOBODYS).replace("{activity_id}", NOBODYS)
        address = address.replace("{pipeline_id}", NOBODYS)
        for role in EVERYBODY - roles:
            answer = await sales.request(method, address, json={}, headers=keys.as_(role))
            if answer.status_code != 403:
                wrongly_let_in.append((route, role, answer.status_code))
        anonymous = await sales.request(method, address, json={})
        if anonymous.status_code != 401:
            wrongly_let_in.append((route, "nobody", anonymous.status_code))

    assert wrongly_let_in == []


async def test_every_operation_shows_an_example(sales: AsyncClient) -> None:
    document = (await sales.get("/openapi.json")).json()
    without = []
    for route in MAY:
        method, path = route.split(" ")
        operation = document["paths"][path][method.lower()]
        shapes = [
            answer["content"]["application/json"]["schema"]
            for status, answer in operation["responses"].items()
            if status.startswith("2")
        ]
        if "requestBody" in operation:
            shapes.append(operation["requestBody"]["content"]["application/json"]["schema"])
        if not all(has_example(shape, document) for shape in shapes):
            without.append(route)

    assert without == []


NOBODYS = "00000000-0000-7000-8000-000000000000"


def app_of(client: AsyncClient) -> Any:
    return client._transport.app  # type: ignore[attr-defined]


def has_example(shape: dict[str, Any], document: dict[str, Any]) -> bool:
    """Whether a schema, the items it lists, or what it refers to carries an example."""
    if "examples" in shape or "example" in shape:
        return True
    if "$ref" in shape:
        return has_example(document["components"]["schemas"][shape["$ref"].rsplit("/", 1)[1]], document)
    if "items" in shape:
        return has_example(shape["items"], document)
    listed = shape.get("properties", {}).get("items")
    return listed is not None and has_example(listed, document)
