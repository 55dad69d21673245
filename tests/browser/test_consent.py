"""What the script keeps in a browser, and what it tells of it."""

import json
from typing import Any

import pytest
from playwright.async_api import Page

from tests.browser.conftest import AD, THANKS, fill_in, own_door
from tests.support.site import Site


async def kept(page: Page) -> dict[str, Any]:
    """What the script left in the browser, by the store."""
    found: dict[str, Any] = await page.evaluate(
        "() => ({local: localStorage.getItem('leadloop'), session: sessionStorage.getItem('leadloop'),"
        " length: localStorage.length + sessionStorage.length, cookies: document.cookie})"
    )
    return found


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
