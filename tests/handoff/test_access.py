"""Who may do what: reps their own, managers their teams', and nobody without a role."""

import re
from typing import Any

import pytest

from services.handoff.app import create
from shared.http.route_access import access_of
from shared.http.service import Service
from tests.handoff.samples import SALES, House, lead_qualified
from tests.support.keys import Keys

EVERYBODY = {"admin", "marketer", "sales_manager", "rep", "analyst", "finance"}
STAFF, LEADERS = {"admin", "sales_manager", "rep"}, {"admin", "sales_manager"}
REPORTS = {"admin", "sales_manager", "analyst"}
OF_EVERY_SERVICE = "/v1/api-keys"  # tested where it is made
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


async def two_teams(house: House) -> str:
    """Ana works for Mia in Sales, Nora for Noa in North; returns North's id."""
    await house.done("admin", "boss", "PATCH", f"/v1/teams/{SALES}", json={"manager_subject": "mia"})
    north = await house.done(
        "admin", "boss", "POST", "/v1/teams", json={"name": "North", "manager_subject": "noa"}
    )
    await house.hire("ana")
    await house.hire("nora", team_id=north["id"])
    return str(north["id"])


async def test_a_rep_sees_their_own_and_a_manager_their_teams(house: House) -> None:
    await two_teams(house)
    lead = lead_qualified()
    await house.hear(lead)
    offer = await house.offer_of(lead)
    path = f"/v1/assignments/{offer['id']}"

    seen = {
        subject: (await house.call(role, subject, "GET", path)).status_code
        for role, subject in (
            ("rep", "ana"),
            ("rep", "nora"),
            ("sales_manager", "mia"),
            ("sales_manager", "noa"),
        )
    }

    assert seen == {"ana": 200, "nora": 404, "mia": 200, "noa": 404}
    for role, subject, count in (("rep", "ana", 1), ("rep", "nora", 0), ("sales_manager", "noa", 0)):
        page = await house.done(role, subject, "GET", "/v1/assignments")
        assert len(page["items"]) == count


async def test_what_a_caller_may_not_see_they_cannot_change(house: House) -> None:
    await two_teams(house)
    lead = lead_qualified()
    await house.hear(lead)
    offer = await house.offer_of(lead)
    path = f"/v1/assignments/{offer['id']}"

    other_rep = await house.call("rep", "nora", "POST", f"{path}/accept")
    other_manager = await house.call(
        "sales_manager", "noa", "POST", f"{path}/reassign", json={"rep_id": house.reps["nora"]}
    )

    assert (other_rep.status_code, other_manager.status_code) == (404, 404)


async def test_only_the_rep_themselves_can_answer(house: House, keys: Keys) -> None:
    await two_teams(house)
    lead = lead_qualified()
    await house.hear(lead)
    offer = await house.offer_of(lead)

    playing_manager = keys.as_("rep", "sales_manager", subject="mia")
    refused = await house.http.post(f"/v1/assignments/{offer['id']}/accept", headers=playing_manager)

    assert refused.status_code == 403


async def test_a_manager_hires_and_changes_only_in_their_own_teams(house: House) -> None:
    north = await two_teams(house)
    body = {"subject": "zoe", "display_name": "Zoe", "team_id": north}

    refused = await house.call("sales_manager", "mia", "POST", "/v1/reps", json=body)
    hired = await house.call("sales_manager", "noa", "POST", "/v1/reps", json=body)
    nora = f"/v1/reps/{house.reps['nora']}"
    not_seen = await house.call("sales_manager", "mia", "PATCH", nora, json={"capacity": 1})
    given_away = await house.call("sales_manager", "noa", "PATCH", nora, json={"team_id": str(SALES)})

    assert (refused.status_code, hired.status_code) == (422, 201)
    assert (not_seen.status_code, given_away.status_code) == (404, 422)


async def test_reports_and_the_pool_show_a_manager_their_own_teams(house: House) -> None:
    await two_teams(house)
    await house.done("admin", "boss", "PATCH", f"/v1/reps/{house.reps['ana']}", json={"capacity": 1})
    await house.hear(lead_qualified(), lead_qualified())

    for subject, own in (("mia", 1), ("noa", 0)):
        pool = await house.done("sales_manager", subject, "GET", "/v1/pool")
        fairness = await house.done("sales_manager", subject, "GET", "/v1/reports/fairness")
        assert (len(pool["items"]), len(fairness["ledgers"])) == (own, own)


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
