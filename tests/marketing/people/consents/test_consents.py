"""Consent from a form to the contact, and what somebody said of where they heard of us."""

from httpx import AsyncClient

from services.marketing.acquisition.channels.rules import RULES_VERSION
from shared.database.sessions import Sessions
from tests.marketing.capture.house import new_form, submissions, submit, work_off
from tests.marketing.revenue.attribution.deals import fetch
from tests.support.keys import Keys


async def test_the_latest_word_on_each_purpose_is_the_contacts(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    first = {"consent": {"ad_user_data": "granted"}, "newsletter": "on", "consent_text_version": "2026-04"}
    for said in (first, {"consent_ad_user_data": "denied"}, {}):
        await submit(marketing, form, {"email": "a@muster-gmbh.com", **said})
        await work_off(marketing_sessions)
    [(contact_id,)] = await fetch(marketing_sessions, "SELECT id FROM contacts")

    shown = await marketing.get(f"/v1/contacts/{contact_id}", headers=keys.as_("analyst"))

    assert shown.status_code == 200, shown.text
    consents = {one["purpose"]: one for one in shown.json()["consents"]}
    assert {name: one["state"] for name, one in consents.items()} == {
        "ad_user_data": "denied",
        "marketing_email": "granted",
    }
    assert consents["marketing_email"]["text_version"] == "2026-04"
    assert consents["marketing_email"]["source"] == "web_form"
    assert consents["marketing_email"]["source_id"] == form["id"]
    assert await fetch(marketing_sessions, "SELECT count(*) FROM consents") == [(3,)]


async def test_the_self_reported_source_stands_beside_the_tracked_one(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    told = {
        "email": "a@muster-gmbh.com",
        "How did you hear about us?": "A podcast",
        "referrer": "https://www.google.com/",
    }
    await submit(marketing, form, told)
    await work_off(marketing_sessions)

    [touch] = await fetch(marketing_sessions, "SELECT channel, self_reported, channel_rules FROM touches")
    assert touch == ("organic_search", "A podcast", RULES_VERSION)
    [one] = await submissions(marketing, keys)
    shown = await marketing.get(f"/v1/submissions/{one['id']}", headers=keys.as_("analyst"))
    captured = shown.json()["captured"]
    assert (captured["self_reported"], captured["referrer"]) == ("A podcast", "www.google.com")
