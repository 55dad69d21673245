"""No query parameter ends in a 500, and what a path does not know is refused by name: all paths of all
services, as their own descriptions tell them.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from fastapi.routing import iter_route_contexts
from httpx import AsyncClient

from shared.http import query_names
from shared.http.routes import Route
from shared.services import SERVICES
from tests.support.apps import serving
from tests.support.databases import fresh_database
from tests.support.keys import Keys

SOMEBODY = str(UUID(int=7))
# What a name may be given, whatever its type: each is wrong for some, and right at the edge for others.
EXTREMES = (
    *("", " ", "0", "-1", "1", "NaN", "inf", "-inf", "1e400", "1e-400", "0x10", "٣", "\uff19"),
    *("9" * 19, "9" * 40, "9" * 4000, str(2**31), str(2**63), str(-(2**63) - 1), "0." + "0" * 300 + "1"),
    *("0001-01-01", "9999-12-31", "0000-01-01", "10000-01-01", "2026-02-30", "-2026-01-01", "2026-11"),
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00+14:00", "1700000000000"),
    *("9999-12-31T23:59:59-14:00", "2026-11-25T24:00:00Z", "253402300800", "-62135596801", "now"),
    *("null", "undefined", "true", "[]", "{}", "%", "_", "\x00", "a\x00b", "😀", "\u2019;--", "' OR 1=1"),
    *(SOMEBODY, "0" * 32, "urn:uuid:" + SOMEBODY, "x" * 5000, "W10", "WyJ4Il0", "bnVsbA", "é" * 300),
)
# What people open, so that mailers and ad platforms add to its address what they like.
FOR_BROWSERS = {
    ("marketing", "/v1/forms/{form_key}/page"),
    ("marketing", "/v1/embed/{name}"),
    ("sales", "/v1/calendar/{token}.ics"),
}
ROLES = ("admin", "sales_manager", "marketer", "analyst", "finance", "rep")


# What a path needs beside the parameter that is tried.
FITTING = {"from": "2026-11-01", "to": "2026-12-01", "currency": "EUR"}


Services = dict[str, tuple[Any, AsyncClient]]


class Place(NamedTuple):
    """A path that is read, with the parameters its description names."""

    service: str
    path: str
    parameters: tuple[str, ...]
    beside: dict[str, str]

    @property
    def address(self) -> str:
        return "/".join(SOMEBODY if part.startswith("{") else part for part in self.path.split("/"))


def places(service: str, document: dict[str, Any]) -> Iterator[Place]:
    for path, methods in document["paths"].items():
        asked = methods.get("get")
        if asked is None or not path.startswith("/v1/"):
            continue
        found = [one for one in asked.get("parameters", ()) if one["in"] == "query"]
        yield Place(
            service,
            path,
            tuple(one["name"] for one in found),
            {one["name"]: FITTING.get(one["name"], "x") for one in found if one.get("required")},
        )


@pytest.fixture(scope="module")
async def services(keys: Keys) -> AsyncIterator[Services]:
    async with AsyncExitStack() as stack:
        monkeypatch = stack.enter_context(pytest.MonkeyPatch.context())
        monkeypatch.setenv("MARKETING_URL", "http://127.0.0.1:9")
        found = {}
        for name in SERVICES:
            url = await stack.enter_async_context(fresh_database(name))
            found[name] = await stack.enter_async_context(serving(name, url, keys, monkeypatch))
        yield found


async def who_may(client: AsyncClient, keys: Keys, place: Place) -> dict[str, str]:
    """The headers of the first role that the path lets in; of the last when it is another service's."""
    for role in ROLES:
        headers = keys.as_(role)
        answer = await client.get(place.address, params=place.beside, headers=headers)
        if answer.status_code not in (401, 403):
            break
    return headers


def asked_of(services: Services) -> list[Place]:
    return [place for name, (app, _) in services.items() for place in places(name, app.openapi())]


def is_door(services: Services, place: Place) -> bool:
    """A raw route answers strangers by rules of its own: a platform's challenge, a page's script."""
    return any(door.path == place.path for door in services[place.service][0].doors.all)


def takes_any(services: Services, place: Place) -> bool:
    """Whether the route says that it takes any."""
    contexts = iter_route_contexts(services[place.service][0].routes)
    route = next(
        one.original_route for one in contexts if one.path == place.path and "GET" in (one.methods or ())
    )
    return isinstance(route, Route) and query_names.known(route.dependant) is None


@pytest.mark.timeout(600)
async def test_no_value_of_a_parameter_is_an_error_of_ours(services: Services, keys: Keys) -> None:
    asked, wrong = 0, []
    for place in asked_of(services):
        client = services[place.service][1]
        headers = await who_may(client, keys, place)
        for name in place.parameters:
            for value in EXTREMES:
                params = place.beside | {name: value}
                answer = await client.get(place.address, params=params, headers=headers)
                asked += 1
                if answer.status_code >= 500:
                    wrong.append((place.service, place.path, name, value[:60], answer.status_code))

    assert wrong == []
    assert asked > 2000


async def test_what_a_path_does_not_know_is_refused_by_name(services: Services, keys: Keys) -> None:
    let_pass, nameless = [], []
    for place in asked_of(services):
        client = services[place.service][1]
        headers = await who_may(client, keys, place)
        params = place.beside | {"nonsense": "1"}
        answer = await client.get(place.address, params=params, headers=headers)
        if is_door(services, place) or answer.status_code == 403:
            continue  # a path for another service only
        if takes_any(services, place):
            assert answer.status_code in (200, 404), place.path
            assert (place.service, place.path) in FOR_BROWSERS
            continue
        if answer.status_code != 422:
            let_pass.append((place.service, place.path, answer.status_code))
            continue
        [error] = answer.json()["errors"]
        if error["pointer"] != "?nonsense" or any(name not in error["detail"] for name in place.parameters):
            nameless.append((place.path, error))

    assert let_pass == []
    assert nameless == []


@pytest.mark.parametrize(
    ("service", "path"),
    [
        ("marketing", "/v1/reports/roi?from=2026-01-01&to=2026-02-01&as_of=2020-01-01"),
        ("marketing", "/v1/reports/roi?from=2026-01-01&to=2026-02-01&groupby=month"),
        ("marketing", "/v1/reports/funnel?from=2026-01-01&to=2026-02-01&channel=paid_search"),
        ("marketing", f"/v1/leads?contact_id={SOMEBODY}"),
        ("handoff", f"/v1/reports/speed-to-lead?team_id={SOMEBODY}"),
        ("handoff", "/v1/reps?subject=ana"),
        ("sales", f"/v1/reports/win-rate?from=2026-11-01&to=2026-12-01&rep_id={SOMEBODY}"),
        ("sales", f"/v1/reports/pipeline?rep_id={SOMEBODY}"),
        ("sales", "/v1/deals?amount_min=100"),
        ("sales", "/v1/deals?stale=true"),
        ("sales", "/v1/deals?order_by=amount"),
        ("sales", f"/v1/activities?due=overdue&rep_id={SOMEBODY}"),
        ("sales", "/v1/deals?state=open&state=won"),  # one value, twice
        ("sales", "/v1/deals?limit=5&limit=6"),
        ("sales", "/v1/deals?Limit=5"),
        ("sales", "/v1/api-keys?as_of="),
    ],
)
async def test_a_filter_that_is_not_there_answers_no_other_question(
    services: Services, keys: Keys, service: str, path: str
) -> None:
    answer = await services[service][1].get(path, headers=keys.as_("admin"))

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    name = path.rpartition("&")[2].rpartition("?")[2].partition("=")[0]
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"?{name}"]


async def test_a_change_refuses_them_too(services: Services, keys: Keys) -> None:
    answer = await services["handoff"][1].post(
        "/v1/teams?dry_run=true", json={"name": "North"}, headers=keys.as_("admin")
    )
    listed = await services["handoff"][1].get("/v1/teams", headers=keys.as_("admin"))

    assert (answer.status_code, [one["name"] for one in listed.json()["items"]]) == (422, ["Sales"])


async def test_a_stranger_learns_no_names(services: Services) -> None:
    for _, client in services.values():
        assert (await client.get("/v1/api-keys?nonsense=1")).status_code == 401
