"""Two sites for a real browser: the customer's page on one, marketing's API on the other."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn
from httpx import AsyncClient
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from services.marketing.capture.embed.assets import SCRIPT
from services.marketing.capture.embed.rules import ShownForm, snippet
from shared.database.sessions import Sessions
from tests.marketing.capture.house import new_form, submissions, work_off
from tests.support import chromium
from tests.support.apps import serving
from tests.support.keys import Keys
from tests.support.site import Site

AD = "utm_source=google&utm_medium=cpc&utm_campaign=spring&gclid=TestClick1"
THANKS = "p[role=status]"


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    program = chromium.program()
    if program is None:
        if chromium.is_required():
            pytest.fail(chromium.MISSING)
        pytest.skip(chromium.MISSING)
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=program, args=chromium.arguments())
        yield running
        await running.close()


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    opened = await browser.new_context()
    opened.set_default_timeout(15_000)
    yield opened
    await opened.close()


@pytest.fixture
async def page(context: BrowserContext) -> Page:
    return await context.new_page()


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@dataclass
class Api:
    """Marketing over real HTTP."""

    url: str
    client: AsyncClient
    keys: Keys
    sessions: Sessions

    async def form(self, **settings: Any) -> dict[str, Any]:
        return await new_form(self.client, self.keys, **settings)

    async def submissions(self) -> list[dict[str, Any]]:
        """All there are, once the worker has been at them."""
        await work_off(self.sessions)
        return await submissions(self.client, self.keys)


@pytest.fixture
async def api(
    marketing_database: str, marketing_sessions: Sessions, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Api]:
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with serving("marketing", marketing_database, keys, monkeypatch, PUBLIC_URL=url) as (app, client):
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        task = asyncio.create_task(server.serve(sockets=[listening]))
        yield Api(url, client, keys, marketing_sessions)
        server.should_exit = True
        await task


def html(body: str, head: str = "") -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'
    )


async def fill_in(page: Page, email: str = "tri.ple@muster-gmbh.com") -> None:
    await page.fill("[name=name]", "Tri Ple")
    await page.fill("[name=email]", email)
    await page.fill("[name=message]", "Hi")


def own_door(site: Site, **settings: Any) -> None:
    """The snippet in `/`, posting to the site's own door, which answers as it is told."""
    form = ShownForm(key="pk_fake", **settings)
    script = site.pages["/script.js"]
    site.pages["/"] = html(snippet(form, site.origin).split("<script")[0] + f"<script>{script}</script>")


@pytest.fixture
def fake(site: Site) -> Site:
    site.pages["/script.js"] = SCRIPT.body.decode()
    return site
