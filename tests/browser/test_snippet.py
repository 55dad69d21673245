"""The snippet in a customer's page, in a real browser: what a visitor does, and what comes of it."""

import asyncio
import json
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route
from sqlalchemy import text

from services.marketing.capture.embed.rules import ShownForm, snippet
from tests.browser.conftest import Api, html
from tests.support.site import Site

AD = "utm_source=google&utm_medium=cpc&utm_campaign=spring&gclid=TestClick1"
THANKS = "p[role=status]"
ALERT = "[role=alert]"


async def fill_in(page: Page, email: str = "tri.ple@muster-gmbh.com") -> None:
    await page.fill("[name=name]", "Tri Ple")
    await page.fill("[name=email]", email)
    await page.fill("[name=message]", "Hi")


async def pasted(api: Api, site: Site, **settings: Any) -> dict[str, Any]:
    """A form whose snippet stands in the site's page `/`."""
    form = await api.form(**settings)
    site.pages["/"] = html(form["snippet"])
    return form


async def kept(page: Page) -> dict[str, Any]:
    """What the script left in the browser, by the store."""
    found: dict[str, Any] = await page.evaluate(
        "() => ({local: localStorage.getItem('leadloop'), session: sessionStorage.getItem('leadloop'),"
        " length: localStorage.length + sessionStorage.length, cookies: document.cookie})"
    )
    return found


async def test_who_comes_by_an_ad_is_counted_to_its_campaign(api: Api, site: Site, page: Page) -> None:
    made = await api.client.post(
        "/v1/campaigns",
        json={"name": "Spring", "channel": "paid_search", "utm_campaign": "spring"},
        headers=api.keys.as_("marketer"),
    )
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

    async def slowly(route: Route) -> None:
        await asyncio.sleep(0.8)
        await route.continue_()

    await page.route("**/submissions", slowly)
    await page.goto(site.origin)
    await fill_in(page)
    for _ in range(3):
        await page.evaluate("document.querySelector('button').click()")
        await asyncio.sleep(0.2)
    assert await page.is_disabled("button")
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


def own_door(site: Site, **settings: Any) -> None:
    """The snippet in `/`, posting to the site's own door, which answers as it is told."""
    form = ShownForm(key="pk_fake", **settings)
    script = site.pages["/script.js"]
    site.pages["/"] = html(snippet(form, site.origin).split("<script")[0] + f"<script>{script}</script>")


@pytest.fixture
def fake(site: Site) -> Site:
    from services.marketing.capture.embed.assets import SCRIPT  # noqa: PLC0415

    site.pages["/script.js"] = SCRIPT.body.decode()
    return site


REFUSED = {"type": "invalid", "detail": "No.", "errors": [{"pointer": "/email", "detail": "It is none."}]}


async def test_a_refusal_is_shown_beside_its_field_and_sent_anew_under_another_key(
    fake: Site, page: Page
) -> None:
    own_door(fake, language="de")
    fake.answers.extend([(422, REFUSED), (202, {})])
    await page.goto(fake.origin)
    await fill_in(page, "nora@firma")
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


CONSENTS = [
    # What the page says before the script, and where something is kept then.
    ("", {"session"}),
    ("window.leadloopConsent = {analytics_storage: 'denied'}", set()),
    ("window.leadloopConsent = {analytics_storage: 'granted'}", {"local", "session"}),
    ("dataLayer = [{event: 'x'}, ['consent', 'default', {analytics_storage: 'denied'}]]", set()),
    (
        "dataLayer = [['consent', 'default', {analytics_storage: 'denied'}],"
        " ['consent', 'update', {analytics_storage: 'granted'}]]",
        {"local", "session"},
    ),
]


@pytest.mark.parametrize(("said", "stores"), CONSENTS)
async def test_only_what_was_agreed_to_is_kept_and_the_ad_is_told_all_the_same(
    fake: Site, page: Page, said: str, stores: set[str]
) -> None:
    own_door(fake)
    fake.pages["/"] = fake.pages["/"].replace("<body>", f"<body><script>{said}</script>")
    await page.goto(f"{fake.origin}?{AD}")
    found = await kept(page)
    assert {name for name in ("local", "session") if found[name]} == stores
    assert found["cookies"] == ""
    assert found["length"] == len(stores)

    await fill_in(page)
    await page.click("button")
    await page.wait_for_selector(THANKS)
    [post] = fake.posted
    assert post.fields["utm_campaign"] == ["spring"]
    assert post.fields["gclid"] == ["TestClick1"]
    assert ("session_id" in post.fields) == bool(stores)


async def test_what_was_kept_goes_when_consent_is_withdrawn(fake: Site, page: Page) -> None:
    own_door(fake)
    await page.goto(f"{fake.origin}?{AD}")
    await page.evaluate("leadloopConsent({analytics_storage: 'granted', ad_storage: 'denied'})")
    assert json.loads((await kept(page))["local"])["first"]["utm_campaign"] == "spring"
    await page.evaluate("leadloopConsent({analytics_storage: 'denied'})")
    assert (await kept(page))["length"] == 0

    await fill_in(page)
    await page.click("button")
    await page.wait_for_selector(THANKS)
    [post] = fake.posted
    assert post.fields["consent_analytics_storage"] == ["denied"]
    assert post.fields["consent_ad_storage"] == ["denied"]
    assert "visitor_id" not in post.fields


async def test_the_first_and_the_last_ad_are_both_told(fake: Site, page: Page) -> None:
    own_door(fake)
    await page.goto(f"{fake.origin}?{AD}")
    await page.goto(f"{fake.origin}?utm_source=news&utm_medium=email&utm_campaign=june")
    await page.goto(fake.origin)
    await fill_in(page)
    await page.click("button")
    await page.wait_for_selector(THANKS)
    [post] = fake.posted
    told = {name: post.fields[name] for name in ("utm_campaign", "first_utm_campaign", "utm_medium")}
    assert told == {"utm_campaign": ["june"], "first_utm_campaign": ["spring"], "utm_medium": ["email"]}
    assert "gclid" not in post.fields


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
