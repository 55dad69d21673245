"""The page that describes a service works on a machine that reaches nothing else."""

import re

from httpx import AsyncClient


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
