"""The form's page of its own, in a real browser."""

from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.browser.conftest import AD, THANKS, Api, fill_in, html
from tests.support.site import Site


async def test_a_hosted_page_takes_a_lead_though_the_form_has_other_origins(api: Api, page: Page) -> None:
    form = await api.form(
        origins=["https://www.example.com"],
        title="<b>Demo</b> & more",
        language="fr",
        consent_text="J'accepte <les> conditions.",
    )
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    await page.goto(f"{form['page_url']}?{AD}")
    assert await page.inner_text("h1") == "<b>Demo</b> & more"
    assert await page.get_attribute("html", "lang") == "fr"
    trap = await page.locator("input[name^=note_]").bounding_box()
    assert trap is not None
    assert trap["x"] < -1000
    await fill_in(page)
    await page.check("[name=consent_marketing_email]")
    await page.click("button")
    assert "Merci" in await page.inner_text(THANKS)

    [found] = await api.submissions()
    assert (found["state"], found["reason"]) == ("created", None)
    assert complaints == []


async def test_a_hosted_page_works_without_a_script(api: Api, site: Site, browser: Browser) -> None:
    site.pages["/thanks"] = html("<h1>Danke</h1>")
    form = await api.form(origins=[site.origin], redirect_url=f"{site.origin}/thanks")
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(form["page_url"])
    await fill_in(page)
    await page.click("button")
    await page.wait_for_url("**/thanks")
    await context.close()

    [found] = await api.submissions()
    assert found["state"] == "created"


@pytest.mark.parametrize("allowed", [False, True])
async def test_only_who_may_shows_it_in_a_frame(api: Api, site: Site, page: Page, allowed: bool) -> None:
    settings: dict[str, Any] = {"frame_origins": [site.origin]} if allowed else {}
    form = await api.form(**settings)
    site.pages["/"] = html(f'<iframe src="{form["page_url"]}"></iframe>')
    await page.goto(site.origin, wait_until="load")

    shown = await page.frames[1].query_selector("form") is not None
    assert shown == allowed
