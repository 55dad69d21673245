"""The page that describes a service, in a real browser, under its own policy."""

from playwright.async_api import Page

from tests.browser.conftest import Api


async def test_the_description_opens_and_asks_under_its_policy(api: Api, page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    await page.goto(f"{api.url}/docs")

    operation = page.locator("#operations-health-get_livez, [id*=livez]").first
    await operation.wait_for()
    await operation.click()
    await operation.get_by_role("button", name="Try it out").click()
    await operation.get_by_role("button", name="Execute").click()
    status = page.locator(".live-responses-table tr.response .response-col_status").first
    await status.wait_for()

    assert "200" in await status.inner_text()
    assert complaints == []
