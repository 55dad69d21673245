"""The page that describes a service works on a machine that reaches nothing else."""

import re

import pytest
from httpx import AsyncClient

from tests.shared.http import things
from tests.support.keys import Keys


async def test_the_page_loads_nothing_from_elsewhere(client: AsyncClient) -> None:
    page = await client.get("/docs")
    loaded = re.findall(r"""(?:src|href)=["']([^"']+)""", page.text)

    assert page.headers["content-type"].startswith("text/html")
    assert any(path.endswith(".js") for path in loaded)
    assert all(path.startswith("/docs/parts/") for path in loaded)
    for path in loaded:
        assert (await client.get(path)).status_code == 200, path


async def test_the_page_describes_this_service(client: AsyncClient) -> None:
    assert "url: '/openapi.json'" in (await client.get("/docs")).text


async def test_what_is_not_part_of_the_page_is_a_problem(client: AsyncClient) -> None:
    for path in ("/docs/parts/nope.js", "/docs/parts/../web.py", "/docs/parts/%2e%2e/consts.py"):
        answer = await client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json"), path


async def test_the_page_runs_nothing_but_its_own_and_is_in_nobodys_frame(client: AsyncClient) -> None:
    page = await client.get("/docs")
    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))

    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"].startswith("'self' 'sha256-")
    assert "unsafe" not in policy["script-src"]
    assert page.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/docs/parts/swagger-ui-bundle.js"])
async def test_a_service_that_strangers_reach_may_keep_its_description_to_itself(
    path: str, things_database: str, keys: Keys
) -> None:
    app, _ = things.make_service(things_database, keys, api_docs=False)
    async with things.client_of(app) as client:
        answer = await client.get(path)

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
