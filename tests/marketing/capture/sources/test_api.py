"""Forms and connections over HTTP: what is stored, what is shown, and what never is."""

from httpx import AsyncClient
from sqlalchemy import text

from services.marketing.capture.sources.encryption import Sealer, SealError, digest, matches
from shared import clock
from shared.database.sessions import Sessions
from tests.marketing.capture.house import ACCESS_TOKEN, APP_SECRET, VERIFY_TOKEN, new_connection, new_form
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


async def test_secrets_are_neither_shown_nor_stored_in_the_clear(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    connection = await new_connection(marketing, keys, "meta")
    assert sorted(secret["kind"] for secret in connection["secrets"]) == [
        "access_token",
        "app_secret",
        "verify_token",
    ]
    shown = await marketing.get(f"/v1/connections/{connection['id']}", headers=keys.as_("admin"))
    async with marketing_sessions() as session:
        rows = (
            (await session.execute(text("SELECT secret::text FROM connection_secrets secret")))
            .scalars()
            .all()
        )
        answers = (await session.execute(text("SELECT i::text FROM idempotency i"))).scalars().all()
    for secret in (ACCESS_TOKEN, APP_SECRET, VERIFY_TOKEN):
        assert secret not in shown.text
        for stored in [*rows, *answers]:
            assert secret not in stored
            assert secret.encode().hex() not in stored
    wrong = await marketing.patch(
        f"/v1/connections/{connection['id']}",
        json={"add_secrets": {"google_key": "not-for-meta"}},
        headers=keys.as_("admin"),
    )
    assert wrong.status_code == 422


def test_a_seal_opens_with_its_own_key_and_connection_only() -> None:
    one, other = clock.new_id(), clock.new_id()
    sealed = Sealer("k" * 32).seal("secret", one)
    assert Sealer("k" * 32).open(sealed, one) == "secret"
    for key, connection_id in (("k" * 33, one), ("k" * 32, other)):
        try:
            Sealer(key).open(sealed, connection_id)
        except SealError:
            continue
        raise AssertionError("It opened.")


def test_one_of_several_secrets_is_enough() -> None:
    assert matches("b", [digest("a"), digest("b")])
    assert not matches("c", [digest("a"), digest("b")])
    assert not matches("", [])
    assert not matches("\ud800", [digest("a")])
