"""Forms over HTTP: what is stored, what is shown, and where they may send people."""

from typing import Any

import pytest
from httpx import AsyncClient

from shared import clock
from tests.marketing.capture.house import new_connection, new_form
from tests.support.apps import serving
from tests.support.keys import Keys


async def test_a_form_comes_with_a_key_and_html_to_paste(marketing: AsyncClient, keys: Keys) -> None:
    form = await new_form(marketing, keys, honeypot_field='x"><script>', origins=["https://WWW.Example.com"])
    assert form["key"].startswith("pk_")
    assert form["key"] in form["snippet"]
    assert "<script>" not in form["snippet"]
    assert form["origins"] == ["https://www.example.com"]
    listed = await marketing.get("/v1/forms", headers=keys.as_("analyst"))
    assert [one["id"] for one in listed.json()["items"]] == [form["id"]]


async def test_wrong_settings_are_named(marketing: AsyncClient, keys: Keys) -> None:
    wrong: dict[str, dict[str, object]] = {
        "/origins/0": {"origins": ["https://a.example/path"]},
        "/field_mapping": {"field_mapping": {"firma": "no_field"}},
        "/redirect_url": {"redirect_url": "javascript:alert(1)"},
        "/campaign_id": {"campaign_id": str(clock.new_id())},
        "/hand_rasier": {"hand_rasier": True},
        "/country": {"country": "Atlantis"},
        "/fields/0": {"fields": ["shoe_size"]},
        "/fields": {"fields": ["name", "message"]},
        "/frame_origins/0": {"frame_origins": ["*"]},
        "/error_url": {"error_url": "http://www.example.com/oops"},
    }
    for pointer, settings in wrong.items():
        body = {"name": "Demo", **settings}
        answer = await marketing.post("/v1/forms", json=body, headers=keys.as_("marketer"))
        assert answer.status_code == 422, (pointer, answer.text)
        assert answer.json()["errors"][0]["pointer"] == pointer
    assert (await marketing.post("/v1/forms", json={"name": "x"}, headers=keys.as_("rep"))).status_code == 403


async def test_a_stale_edit_is_refused(marketing: AsyncClient, keys: Keys) -> None:
    form = await new_form(marketing, keys)
    path = f"/v1/forms/{form['id']}"
    seen = (await marketing.get(path, headers=keys.as_("marketer"))).headers["etag"]
    headers = {**keys.as_("marketer"), "if-match": seen}
    first = await marketing.patch(path, json={"name": "One"}, headers=headers)
    assert (first.status_code, first.json()["name"], first.json()["version"]) == (200, "One", 2)
    assert (await marketing.patch(path, json={"name": "Two"}, headers=headers)).status_code == 412
    kept = (await marketing.get(path, headers=keys.as_("marketer"))).json()
    assert (kept["name"], kept["hand_raiser"]) == ("One", False)


SHOP = ["https://www.example.com"]
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"redirect_url": "https://evil.example/"}, "/redirect_url"),
    ({"error_url": "https://evil.example/"}, "/error_url"),
    ({"redirect_url": "http://www.example.com/"}, "/redirect_url"),
    ({"origins": ["https://other.example"], "redirect_url": "https://www.example.com/"}, "/redirect_url"),
]


@pytest.mark.parametrize(("settings", "pointer"), REFUSED)
async def test_a_form_sends_nobody_to_a_stranger(
    marketing: AsyncClient, keys: Keys, settings: dict[str, Any], pointer: str
) -> None:
    body = {"name": "Demo", "origins": SHOP, **settings}
    made = await marketing.post("/v1/forms", json=body, headers=keys.as_("marketer"))
    assert (made.status_code, made.json()["errors"][0]["pointer"]) == (422, pointer)

    form = await new_form(marketing, keys, origins=SHOP, redirect_url="https://www.example.com/thanks")
    path = f"/v1/forms/{form['id']}"
    changed = await marketing.patch(path, json=settings, headers=keys.as_("marketer"))
    assert (changed.status_code, changed.json()["errors"][0]["pointer"]) == (422, pointer)
    assert (await marketing.get(path, headers=keys.as_("marketer"))).json()["version"] == 1


async def test_a_honeypot_is_made_unless_something_is_said_of_one(marketing: AsyncClient, keys: Keys) -> None:
    made, none = await new_form(marketing, keys), await new_form(marketing, keys, honeypot_field=None)
    assert made["honeypot_field"].startswith("note_")
    assert made["honeypot_field"] in made["snippet"]
    assert none["honeypot_field"] is None


async def test_a_consent_text_always_has_a_version(marketing: AsyncClient, keys: Keys) -> None:
    form = await new_form(marketing, keys, consent_text="Write to me.")
    first = form["consent_text_version"]
    assert first
    changed = await marketing.patch(
        f"/v1/forms/{form['id']}", json={"consent_text": "Call me."}, headers=keys.as_("marketer")
    )
    assert changed.json()["consent_text_version"] not in (None, first)
    named = await new_form(marketing, keys, consent_text="Write to me.", consent_text_version="2026-11")
    assert named["consent_text_version"] == "2026-11"


@pytest.mark.parametrize("public", ["https://leads.example.com", "https://example.com/leadloop/"])
async def test_what_goes_out_has_the_public_address(
    marketing_database: str, keys: Keys, monkeypatch: pytest.MonkeyPatch, public: str
) -> None:
    async with serving("marketing", marketing_database, keys, monkeypatch, PUBLIC_URL=public) as (_, client):
        form = await new_form(client, keys)
        connection = await new_connection(client, keys, "google_ads")
    base = public.rstrip("/")
    assert f'action="{base}/v1/forms/{form["key"]}/submissions"' in form["snippet"]
    assert f'src="{base}/v1/embed/leadloop.' in form["snippet"]
    assert form["page_url"] == f"{base}/v1/forms/{form['key']}/page"
    assert connection["webhook_url"] == base + connection["webhook_path"]


@pytest.mark.parametrize("public", ["leads.example.com", "ftp://x", "https://x/?a=1", "https://x y"])
async def test_a_public_address_has_to_be_one(
    marketing_database: str, keys: Keys, monkeypatch: pytest.MonkeyPatch, public: str
) -> None:
    with pytest.raises(ValueError, match="public_url"):
        async with serving("marketing", marketing_database, keys, monkeypatch, PUBLIC_URL=public):
            pass
