"""RawRoutes and the edge in front of everything: problems, traces, limits, logs, metrics, OpenAPI."""

import json
import re
from typing import Any

import pytest
from httpx import AsyncClient

from shared.database.admission import Admission
from shared.errors import UnavailableError
from shared.http.problems import catalogue
from shared.http.service import Service
from shared.observability import telemetry
from tests.support.keys import Keys

FORM = "/v1/forms/pk_1/submissions"
PROBLEM = "application/problem+json"


async def test_a_door_answers_with_its_path_parameters(client: AsyncClient) -> None:
    response = await client.post(FORM, content=b"12345")

    assert (response.status_code, response.json()) == (202, {"size": 5, "form": "pk_1"})


async def test_a_door_takes_no_more_than_its_limit(client: AsyncClient) -> None:
    assert (await client.post(FORM, content=b"x" * 1000)).status_code == 202

    response = await client.post(FORM, content=b"x" * 1001)

    assert response.status_code == 413
    assert response.headers["content-type"] == PROBLEM
    assert response.headers["access-control-allow-origin"] == "https://example.test"


async def test_a_door_names_the_methods_it_takes(client: AsyncClient) -> None:
    response = await client.get(FORM)

    assert (response.status_code, response.headers["allow"]) == (405, "OPTIONS, POST")


async def test_a_path_may_have_a_door_for_one_method_and_a_route_for_another(client: AsyncClient) -> None:
    door = await client.delete("/v1/things/a")
    route = await client.get("/v1/things/a")
    neither = await client.put("/v1/things/a")

    assert (door.json(), route.json()) == ({"door": "a"}, {"name": "a"})
    assert (neither.status_code, neither.headers["allow"]) == (405, "DELETE, GET, PATCH")


async def test_a_closed_door_asks_who_is_there(client: AsyncClient, keys: Keys) -> None:
    assert (await client.post("/v1/closed")).status_code == 401
    assert (await client.post("/v1/closed", headers=keys.as_("admin"))).status_code == 403


@pytest.mark.parametrize("path", [FORM, "/v1/things", "/nowhere"])
@pytest.mark.parametrize("coding", ["gzip", "br", "GZIP, identity"])
async def test_a_compressed_body_is_refused_everywhere(client: AsyncClient, path: str, coding: str) -> None:
    response = await client.post(path, content=b"\x1f\x8b", headers={"Content-Encoding": coding})

    assert (response.status_code, response.headers["content-type"]) == (415, PROBLEM)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "slug"),
    [
        ("GET", "/nowhere", None, 404, "not-found"),
        ("PUT", "/v1/things", None, 405, "method-not-allowed"),
        ("POST", "/v1/things", b"{", 400, "unparseable"),
        ("POST", "/v1/things", b'{"name": "a\\u0000"}', 400, "unparseable"),
        ("POST", "/v1/things", b"[" * 50 + b"]" * 50, 400, "unparseable"),
        ("POST", "/v1/things", b'{"name": 1}', 422, "invalid"),
        ("POST", "/v1/things", b'{"name": "a", "nmae": "b"}', 422, "invalid"),
        ("POST", "/v1/things", b"", 422, "invalid"),
        ("POST", "/v1/things", b"x" * 70_000, 413, "too-large"),
    ],
)
async def test_every_refusal_is_a_problem(
    client: AsyncClient, keys: Keys, method: str, path: str, body: bytes | None, status: int, slug: str
) -> None:
    headers = {**keys.as_("rep"), "Content-Type": "application/json"}

    response = await client.request(method, path, content=body, headers=headers)

    assert (response.status_code, response.headers["content-type"]) == (status, PROBLEM)
    assert response.json()["type"] == f"urn:leadloop:problem:{slug}"
    assert response.json()["request_id"] == response.headers["x-request-id"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_json_is_taken_as_json_only(client: AsyncClient, keys: Keys, kind: str) -> None:
    headers = {**keys.as_("rep"), "Content-Type": kind}

    assert (await client.post("/v1/things", content=b"{}", headers=headers)).status_code == 415


async def test_a_wrong_field_is_pointed_at(client: AsyncClient, keys: Keys) -> None:
    body = {"name": "a", "price": {"amount": "1.234", "currency": "EUR"}}

    response = await client.post("/v1/things", json=body, headers=keys.as_("rep"))

    [error] = response.json()["errors"]
    assert error["pointer"] == "/price"
    assert "EUR has 2 decimals" in error["detail"]


async def test_a_route_may_take_more(client: AsyncClient) -> None:
    large = {str(number): "x" * 1000 for number in range(150)}
    assert (await client.post("/v1/things/large", json=large)).json() == {"size": 150}

    too_large = {str(number): "x" * 2000 for number in range(150)}
    assert (await client.post("/v1/things/large", json=too_large)).status_code == 413


async def test_a_trace_goes_on_and_a_bad_one_starts_anew(client: AsyncClient) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    followed = await client.get("/livez", headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
    invented = await client.get("/livez", headers={"traceparent": f"00-{'0' * 32}-00f067aa0ba902b7-01"})

    assert followed.headers["x-request-id"] == trace
    assert invented.headers["x-request-id"] != "0" * 32


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "00-xyz",
        "ff-" + "a" * 32 + "-" + "b" * 16 + "-01",
        "00-" + "a" * 32 + "-" + "0" * 16 + "-01",
    ],
)
def test_an_invalid_traceparent_is_never_followed(header: str | None) -> None:
    fresh = telemetry.follow(header)

    assert "a" * 32 not in fresh
    assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-01", fresh)


async def test_a_line_is_logged_without_query_or_person(
    client: AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    await client.get("/v1/things/jane.doe@example.com?email=jane.doe@example.com")

    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert line["route"] == "/v1/things/{name}"
    assert (line["method"], line["status"]) == ("GET", 422)  # nothing there takes an address
    assert "jane" not in json.dumps(line)


async def test_a_door_that_lets_in_is_counted_and_not_logged(
    client: AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    await client.post(FORM, content=b"1")
    assert capsys.readouterr().out == ""

    metrics = (await client.get("/metrics")).text
    label = 'method="POST",route="/v1/forms/{form}/submissions",status="202"'
    assert f"leadloop_http_requests_total{{{label}}}" in metrics


async def test_answers_are_not_to_be_stored_or_sniffed(client: AsyncClient) -> None:
    headers = (await client.get("/v1/things/a")).headers

    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["etag"] == '"3"'


@pytest.mark.parametrize(
    ("seen", "status"), [(None, 200), ('"3"', 200), ("*", 200), ('"2"', 412), ('W/"3"', 412), ("x", 412)]
)
async def test_an_edit_of_an_old_version_is_refused(
    client: AsyncClient, keys: Keys, seen: str | None, status: int
) -> None:
    headers = keys.as_("rep") | ({"If-Match": seen} if seen is not None else {})

    response = await client.patch("/v1/things/a", json={"name": "b"}, headers=headers)

    assert response.status_code == status


def test_more_work_than_there_is_room_for_is_told_to_come_back() -> None:
    admission = Admission(2)

    with admission.slot(), admission.slot(), pytest.raises(UnavailableError) as refused, admission.slot():
        pass

    assert 2 <= int(refused.value.headers["Retry-After"]) <= 10
    with admission.slot():
        pass


async def test_a_full_house_answers_503_and_recovers(
    client: AsyncClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    admission = service.state.edge.admission
    monkeypatch.setattr(admission, "_inside", admission._limit)
    full = await client.get("/v1/things/a")
    monkeypatch.undo()

    assert full.status_code == 503
    assert "retry-after" in full.headers
    assert (await client.get("/livez")).status_code == 200
    assert (await client.get("/v1/things/a")).status_code == 200


async def test_openapi_says_who_may_call_and_what_can_go_wrong(client: AsyncClient) -> None:
    document: dict[str, Any] = (await client.get("/openapi.json")).json()

    add = document["paths"]["/v1/things"]["post"]
    assert add["security"] == [{"person": []}, {"server": []}]
    assert {"401", "403", "422", "503"} <= set(add["responses"])
    assert any(parameter["name"] == "Idempotency-Key" for parameter in add["parameters"])
    assert "HTTPValidationError" not in json.dumps(document)
    assert set(document["components"]["responses"]) == {kind.__name__ for kind in catalogue()}


def test_every_problem_has_its_own_name() -> None:
    slugs = [kind.slug for kind in catalogue()]

    assert len(slugs) == len(set(slugs))


async def test_a_door_answers_a_database_that_is_away_to_the_page_that_asked(client: AsyncClient) -> None:
    response = await client.post("/v1/forms/away/submissions")

    assert (response.status_code, response.headers["content-type"]) == (503, PROBLEM)
    assert response.headers["access-control-allow-origin"] == "https://example.test"
    assert "retry-after" in response.headers


async def test_a_defect_behind_a_door_is_ours_and_says_nothing(
    client: AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    response = await client.post("/v1/forms/defect/submissions")

    assert (response.status_code, response.headers["content-type"]) == (500, PROBLEM)
    assert "jane" not in response.text + capsys.readouterr().out
