"""Who may call what. The table is the whole of it: a route that is not in it fails the test."""

import re
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient

from shared.database.sessions import Sessions
from shared.http.route_access import access_of
from tests.sales.route_table import EVERYBODY, MAY, SCOPES
from tests.sales.samples import ANA, NORTH, SOUTH, Desk, deliver, euros, rep_changed
from tests.support.key_scopes import scopes_of, scopes_that_differ
from tests.support.keys import Keys
from tests.support.role_pairs import ANY, NOBODYS, ONE_ROLE, PAIRS, Roles, cells_that_differ, expected, heard

OF_EVERY_SERVICE = ("/v1/api-keys", "/v1/audit-events")  # tested where they are made


def routes_of(app: Any) -> dict[str, set[str]]:
    """Every route of the slices, and the roles that may call it."""
    lines = [
        line for line in access_of(app) if line.public is None and not line.path.startswith(OF_EVERY_SERVICE)
    ]
    return {f"{line.method} {line.path}": {role.value for role in line.roles} for line in lines}


async def test_every_route_is_for_the_roles_of_the_table(sales: AsyncClient) -> None:
    assert routes_of(app_of(sales)) == MAY


async def test_every_scope_is_for_the_routes_of_the_table(sales: AsyncClient) -> None:
    assert scopes_of(app_of(sales)) == SCOPES


async def test_a_key_opens_what_its_scope_says_and_nothing_else(sales: AsyncClient, keys: Keys) -> None:
    assert await scopes_that_differ(sales, keys, MAY, SCOPES) == []


async def test_everybody_else_is_refused_by_every_route(sales: AsyncClient, keys: Keys) -> None:
    wrongly_let_in = []
    for route, roles in MAY.items():
        method, path = route.split(" ")
        address = path.replace("{list}", "competitors").replace("{key}", "acme")
        address = re.sub(r"\{\w+\}", NOBODYS, address)
        for role in EVERYBODY - roles:
            answer = await sales.request(method, address, json={}, headers=keys.as_(role))
            if answer.status_code != 403:
                wrongly_let_in.append((route, role, answer.status_code))
        anonymous = await sales.request(method, address, json={})
        if anonymous.status_code != 401:
            wrongly_let_in.append((route, "nobody", anonymous.status_code))

    assert wrongly_let_in == []


async def test_two_roles_let_in_where_one_of_them_does(sales: AsyncClient, keys: Keys) -> None:
    assert await cells_that_differ(sales, keys, MAY) == []


# To whose deals each role may do what: `own`, `managed` (of a rep whose manager they are), or any.
SELLING = {"rep": {"own"}, "sales_manager": {"own", "managed"}, "admin": {ANY}}
SEEN = SELLING | {"analyst": {ANY}, "finance": {ANY}}
CORRECTED = {"sales_manager": {"own", "managed"}, "admin": {ANY}, "finance": {ANY}}
OWNED = {"sales_manager": {"own", "managed"}, "admin": {ANY}}
BOOKED = {"admin": {ANY}, "finance": {ANY}}
PIA, CARL = UUID(int=0x70), UUID(int=0xC0)
DEAL, PATCHED = "/v1/deals/{deal}", {"expected_close_on": "2030-01-01"}
PAID = {"amount": euros("1.00"), "paid_on": "2025-01-01", "reference": "R1"}
# Reading first; what ends a deal last, so that the rules still have something to say to the others.
ACTS: tuple[tuple[str, str, Any, dict[str, set[str]]], ...] = (
    ("GET", DEAL, None, SEEN),
    ("GET", f"{DEAL}/history", None, SEEN),
    ("GET", f"{DEAL}/changes", None, SEEN),
    ("GET", f"{DEAL}/activities", None, SEEN),
    ("GET", f"{DEAL}/payments", None, SEEN),
    ("PATCH", DEAL, PATCHED, SELLING),
    ("POST", f"{DEAL}/stage", {"stage": "discovery"}, SELLING),
    ("POST", f"{DEAL}/activities", {"kind": "call", "due_at": "2030-01-01T10:00:00Z"}, SELLING),
    ("PATCH", "/v1/activities/{activity}", {"note": "Again"}, SELLING),
    ("PUT", "/v1/activities/{activity}/demo", {}, SELLING),
    ("POST", f"{DEAL}/hand-overs", {"to_rep_id": str(PIA)}, SELLING),
    ("POST", f"{DEAL}/owner", {"rep_id": str(ANA)}, OWNED),
    ("POST", f"{DEAL}/payments", PAID, BOOKED),
    ("POST", f"{DEAL}/amend", {"amount": euros("5.00")}, CORRECTED),
    ("POST", f"{DEAL}/refunds", {"amount": euros("1.00"), "reason": "late"}, CORRECTED),
    ("POST", f"{DEAL}/reopen", {}, CORRECTED),
    ("POST", f"{DEAL}/win", {}, SELLING),
    ("POST", f"{DEAL}/lose", {"reason": "price"}, SELLING),
)
# What holds of ana's deal for each of these. Pia sells in ana's team and manages another.
PEOPLE: dict[str, set[str]] = {"ana": {"own"}, "mia": {"managed"}, "ben": set(), "noa": set(), "pia": set()}


@pytest.fixture
async def hers(deal: dict[str, Any], ana: Desk, sales_sessions: Sessions) -> dict[str, str]:
    """Ana's deal with an activity; beside her in South sells pia, who manages carl in North."""
    pia = rep_changed(PIA, subject="pia", team_id=SOUTH, team_name="South", manager_subject="mia")
    carl = rep_changed(CARL, subject="carl", team_id=NORTH, team_name="North", manager_subject="pia")
    await deliver(sales_sessions, pia, carl)
    planned = {"kind": "call", "due_at": "2030-01-01T10:00:00Z"}
    activity = (await ana.post(f"/v1/deals/{deal['id']}/activities", planned)).json()
    return {"deal": deal["id"], "activity": activity["id"]}


@pytest.mark.parametrize("subject", PEOPLE)
async def test_one_and_two_roles_do_to_a_deal_what_one_of_them_may_alone(
    sales: AsyncClient, keys: Keys, hers: dict[str, str], subject: str
) -> None:
    wrong = []
    for method, path, body, done in ACTS:
        for roles in (*ONE_ROLE, *PAIRS):
            answer = await sales.request(
                method, path.format(**hers), json=body, headers=keys.as_(*roles, subject=subject)
            )
            wanted = expected(roles, PEOPLE[subject], read=SEEN, done=done)
            if heard(answer.status_code) != wanted:
                wrong.append((roles, method, path, answer.status_code, wanted))

    assert wrong == []


@pytest.mark.parametrize("roles", [("rep", "analyst"), ("rep", "finance"), ("rep",)])
async def test_a_deal_is_opened_for_a_rep_one_may_change_deals_of(
    sales: AsyncClient, keys: Keys, hers: dict[str, str], roles: Roles
) -> None:
    body = {"rep_id": str(PIA), "amount": euros("5.00")}

    answer = await sales.post("/v1/deals", json=body, headers=keys.as_(*roles, subject="ana"))

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/rep_id")


async def test_who_may_only_see_a_deal_hears_why_they_cannot_change_it(
    sales: AsyncClient, keys: Keys, hers: dict[str, str]
) -> None:
    ben = keys.as_("rep", "analyst", subject="ben")
    answer = await sales.post(f"/v1/deals/{hers['deal']}/win", json={}, headers=ben)

    assert answer.status_code == 403
    assert answer.json()["detail"] == "You may see this, but change deals only among your own."


async def test_only_a_role_that_moves_deals_enters_the_past_of_a_move(
    sales: AsyncClient, keys: Keys, hers: dict[str, str]
) -> None:
    body = {"stage": "discovery", "occurred_at": "2025-01-01T10:00:00Z"}
    path = f"/v1/deals/{hers['deal']}/stage"

    by_finance = await sales.post(path, json=body, headers=keys.as_("rep", "finance", subject="ana"))
    by_manager = await sales.post(path, json=body, headers=keys.as_("rep", "sales_manager", subject="ana"))

    assert by_finance.status_code == 403
    assert heard(by_manager.status_code) == 200


async def test_every_operation_shows_an_example(sales: AsyncClient) -> None:
    document = (await sales.get("/openapi.json")).json()
    without = []
    for route in MAY:
        method, path = route.split(" ")
        operation = document["paths"][path][method.lower()]
        shapes = [
            content if "example" in content else content["schema"]
            for status, answer in operation["responses"].items()
            if status.startswith("2")
            for content in answer.get("content", {}).values()
        ]
        if "requestBody" in operation:
            shapes.append(operation["requestBody"]["content"]["application/json"]["schema"])
        if not all(has_example(shape, document) for shape in shapes):
            without.append(route)

    assert without == []


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
