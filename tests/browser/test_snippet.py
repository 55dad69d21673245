"""The snippet in a customer's page, in a real browser: what a visitor does, and what comes of it."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route
from sqlalchemy import text

from services.marketing.capture.embed.rules import ShownForm, snippet
from tests.browser.conftest import AD, THANKS, Api, fill_in, html, own_door
from tests.support.site import Site

ALERT = "[role=alert]"


async def pasted(api: Api, site: Site, **settings: Any) -> dict[str, Any]:
    """A form whose snippet stands in the site's page `/`."""
    form = await api.form(**settings)
    site.pages["/"] = html(form["snippet"])
    return form


async def test_who_comes_by_an_ad_is_counted_to_its_campaign(api: Api, site: Site, page: Page) -> None:
    channel = {"key": "paid_search", "name": "Paid search", "paid": True}
    await api.client.post("/v1/channels", json=channel, headers=api.keys.as_("marketer"))
    campaign = {"name": "Spring", "channel": "paid_search", "utm_campaign": "spring"}
    made = await api.client.post("/v1/campaigns", json=campaign, headers=api.keys.as_("marketer"))
    assert made.status_code == 201, made.text
    await pasted(api, site, origins=[site.origin])
    site.pages["/landing"] = html('<a href="/">Contact</a>', head=script_of(api))

    await page.goto(f"{site.origin}/landing?{AD}")
    await page.click("a")
    await fill_in(page)
    await page.click("button")
    await page.wait_for_selector(THANKS)

    [found] = await api.submissions()
    assert found["state"] == "created"
    async with api.sessions() as session:
        touch = (await session.execute(text("SELECT channel, campaign_id, click_ids FROM touches"))).one()
    assert (touch.channel, str(touch.campaign_id)) == ("paid_search", made.json()["id"])
    assert touch.click_ids == {"gclid": "TestClick1"}


def script_of(api: Api) -> str:
    """The script alone, as in a page that has no form."""
    return snippet(ShownForm(key="pk_none"), api.url).split("</form>\n")[1]


async def test_a_double_click_is_one_submission(api: Api, site: Site, page: Page) -> None:
    await pasted(api, site)
    await page.goto(site.origin)
    await fill_in(page)
    await page.dblclick("button")
    await page.wait_for_selector(THANKS)

    assert len(await api.submissions()) == 1


async def test_three_clicks_on_a_slow_line_are_one_submission(api: Api, site: Site, page: Page) -> None:
    await pasted(api, site)

    line_is_free = asyncio.Event()

    async def slowly(route: Route) -> None:
        await line_is_free.wait()
        await route.continue_()

    await page.route("**/submissions", slowly)
    await page.goto(site.origin)
    await fill_in(page)
    for _ in range(3):
        await page.evaluate("document.querySelector('button').click()")
        await asyncio.sleep(0.2)
    assert await page.is_disabled("button")
    line_is_free.set()
    await page.wait_for_selector(THANKS)

    assert len(await api.submissions()) == 1


async def test_thanks_are_in_the_forms_language_and_a_reload_posts_nothing(
    api: Api, site: Site, page: Page
) -> None:
    await pasted(api, site, language="de")
    await page.goto(site.origin)
    await fill_in(page)
    await page.click("button")
    assert "Vielen Dank" in await page.inner_text(THANKS)
    assert not await page.is_visible("form")

    await page.reload()
    await page.wait_for_selector("form")
    assert len(await api.submissions()) == 1


REFUSED = {"type": "invalid", "detail": "No.", "errors": [{"pointer": "/email", "detail": "It is none."}]}


async def test_a_refusal_is_shown_beside_its_field_and_sent_anew_under_another_key(
    fake: Site, page: Page
) -> None:
    own_door(fake, language="de")
    fake.answers.extend([(422, REFUSED), (202, {})])
    await page.goto(fake.origin)
    await fill_in(page, "nora@firma")
    await page.click("button")
    assert await page.evaluate("document.querySelector('[name=email]').validity.patternMismatch")
    assert fake.posted == []
    await page.fill("[name=email]", "nora@firma.example")
    await page.click("button")

    assert "E-Mail-Adresse" in await page.inner_text(ALERT)
    assert await page.get_attribute("[name=email]", "aria-invalid") == "true"
    assert await page.evaluate("document.activeElement.name") == "email"
    assert await page.input_value("[name=message]") == "Hi"
    await page.click("button")
    await page.wait_for_selector(THANKS)
    assert await page.query_selector(ALERT) is None
    keys = [one.headers["idempotency-key"] for one in fake.posted]
    assert len(set(keys)) == 2


async def test_the_same_again_has_the_same_key_and_an_edit_another(fake: Site, page: Page) -> None:
    own_door(fake)
    fake.answers.extend([(503, {}), (503, {}), (202, {})])
    await page.goto(fake.origin)
    await fill_in(page)
    for number in (1, 2):
        await page.click("button")
        await page.wait_for_function("n => document.querySelector('form').ariaBusy === 'false'", arg=number)
        await page.wait_for_selector(ALERT)
    await page.fill("[name=message]", "Hi again")
    await page.click("button")
    await page.wait_for_selector(THANKS)

    first, second, third = (one.headers["idempotency-key"] for one in fake.posted)
    assert first == second != third
    assert [one.fields["_nonce"] for one in fake.posted] == [[first], [second], [third]]


async def test_without_a_script_the_form_posts_by_itself(api: Api, site: Site, browser: Browser) -> None:
    site.pages["/thanks"] = html("<h1>Danke</h1>")
    await pasted(api, site, redirect_url=f"{site.origin}/thanks", origins=[site.origin])
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(site.origin)
    await fill_in(page)
    await page.click("button")
    await page.wait_for_url("**/thanks")
    await context.close()

    [found] = await api.submissions()
    assert found["state"] == "created"


async def test_when_the_script_cant_reach_us_the_form_goes_its_usual_way(
    api: Api, site: Site, page: Page
) -> None:
    site.pages["/thanks"] = html("<h1>Danke</h1>")
    await pasted(api, site, redirect_url=f"{site.origin}/thanks")

    async def only_pages(route: Route) -> None:
        await (route.abort() if route.request.resource_type == "fetch" else route.continue_())

    await page.route("**/submissions", only_pages)
    await page.goto(f"{site.origin}?{AD}")
    await fill_in(page)
    await page.click("button")
    await page.wait_for_url("**/thanks")

    [found] = await api.submissions()
    assert found["state"] == "created"
    async with api.sessions() as session:
        clicks = (await session.execute(text("SELECT click_ids FROM touches"))).scalar_one()
    assert clicks == {"gclid": "TestClick1"}


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_page_that_tells_no_referrer_gets_in(
    api: Api, site: Site, browser: Browser, scripts: bool
) -> None:
    form = await api.form(origins=[site.origin], redirect_url=f"{site.origin}/thanks")
    site.pages["/thanks"] = html("<h1>Danke</h1>")
    site.pages["/"] = html(form["snippet"], head='<meta name="referrer" content="no-referrer">')
    context = await browser.new_context(java_script_enabled=scripts)
    page = await context.new_page()
    await page.goto(site.origin)
    await fill_in(page)
    await page.click("button")
    await page.wait_for_url("**/thanks")
    await context.close()

    [found] = await api.submissions()
    assert found["state"] == "created"


async def test_a_form_that_a_framework_draws_later_is_found(fake: Site, page: Page) -> None:
    own_door(fake)
    drawn = fake.pages["/"]
    fake.pages["/later"] = drawn[: drawn.index("<form")] + drawn[drawn.index("<script") :]
    await page.goto(f"{fake.origin}/later")
    markup = drawn[drawn.index("<form") : drawn.index("</form>") + 7]
    await page.evaluate("markup => document.body.insertAdjacentHTML('beforeend', markup)", markup)
    await fill_in(page)
    await page.click("button")
    await page.wait_for_selector(THANKS)
    assert [one.headers["accept"] for one in fake.posted] == ["application/json"]


async def test_a_form_that_asks_for_a_number_only_says_so_of_the_number(fake: Site, page: Page) -> None:
    own_door(fake, fields=["name", "phone"], language="de")
    fake.answers.append((422, REFUSED))
    await page.goto(fake.origin)
    await page.fill("[name=name]", "Nora")
    await page.fill("[name=phone]", "12")
    await page.click("button")

    assert "Telefonnummer" in await page.inner_text(ALERT)
    assert await page.get_attribute("[name=phone]", "aria-invalid") == "true"
