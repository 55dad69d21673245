"""Every route that replaces what is there, of all three services, wants to know which version."""

import re
from importlib import import_module
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from shared.http.route_access import access_of
from shared.services import SERVICES
from tests.support.keys import Keys
from tests.support.role_pairs import NOBODYS

# Said by the day it is of: the platforms' figures of a day are sent again and again, whole.
KNOWN_BY_THEIR_KEY = {"PUT /v1/campaigns/{campaign_id}/spend/{day}"}


@pytest.fixture(params=sorted(SERVICES))
def app(request: pytest.FixtureRequest, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    name = str(request.param)
    nowhere = {f"{name.upper()}_DATABASE_URL": "postgresql://nobody@127.0.0.1:9/nothing"}
    for setting, value in (keys.environment(name) | nowhere).items():
        monkeypatch.setenv(setting, value)
    found: FastAPI = import_module(f"services.{name}.app").create()
    return found


def edits(app: Any) -> set[str]:
    lines = (line for line in access_of(app) if line.method in ("PUT", "PATCH"))
    return {f"{line.method} {line.path}" for line in lines}


async def test_an_edit_that_names_no_version_is_refused_and_says_what_to_send(
    app: FastAPI, keys: Keys
) -> None:
    asked = edits(app) - KNOWN_BY_THEIR_KEY
    heard = {}
    async with AsyncClient(transport=ASGITransport(app), base_url="http://here.test") as client:
        for route in asked:
            method, path = route.split(" ")
            address = re.sub(r"\{\w+\}", NOBODYS, path)
            answer = await client.request(method, address, json={}, headers=keys.as_("admin"))
            problem = answer.json()
            heard[route] = (answer.status_code, problem["type"], "ETag" in problem["detail"])

    assert asked
    assert heard == dict.fromkeys(asked, (428, "urn:leadloop:problem:precondition-required", True))


async def test_the_documents_say_so(app: FastAPI) -> None:
    paths = app.openapi()["paths"]
    for route in edits(app) - KNOWN_BY_THEIR_KEY:
        method, path = route.split(" ")
        assert "428" in paths[path][method.lower()]["responses"], route
