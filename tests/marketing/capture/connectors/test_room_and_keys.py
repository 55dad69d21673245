"""What doors say when the database has no room, and what API keys hear that call too often."""

import asyncpg
import pytest
from httpx import AsyncClient

from services.marketing.capture.deliveries.disk_guard import NO_ROOM_FOR, DiskGuard
from shared.database.failures import is_transient
from tests.marketing.capture.house import balance, google_lead, new_connection, new_form, submit
from tests.support.keys import Keys


@pytest.fixture
def no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_DATABASE_GB", "0.000001")


@pytest.fixture
def few_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY_BURST", "3")
    monkeypatch.setenv("KEY_RATE", "0.01")


async def key_of(client: AsyncClient, keys: Keys, name: str) -> dict[str, str]:
    """What a server with a new API key sends."""
    body = {"name": name, "scopes": ["leads:write", "leads:read", "touches:write"]}
    made = await client.post("/v1/api-keys", json=body, headers=keys.as_("admin"))
    assert made.status_code == 201, made.text
    return {"Authorization": f"Bearer {made.json()['key']}"}


@pytest.mark.usefixtures("no_room")
async def test_a_full_database_closes_the_doors_and_nothing_else(marketing: AsyncClient, keys: Keys) -> None:
    form, google = await new_form(marketing, keys), await new_connection(marketing, keys, "google_ads")
    server = await key_of(marketing, keys, "crm")
    await marketing._transport.app.state.front_door._look_at_disk()  # type: ignore[attr-defined]
    at_form = await submit(marketing, form, {"email": "ada@muster-gmbh.com"})
    assert (at_form.status_code, at_form.headers["retry-after"]) == (429, "60")
    assert at_form.json()["detail"].startswith("The store for new submissions is full")
    for refused in (
        await marketing.post(google["webhook_path"], json=google_lead("L-1")),
        await marketing.post("/v1/leads", json={"email": "a@b.co"}, headers=server),
    ):
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "60")
        assert refused.json()["type"].endswith(":unavailable")
    assert (await balance(marketing, keys))["deliveries"]["received"] == 0
    metrics = (await marketing.get("/metrics")).text
    assert "leadloop_doors_closed 1.0" in metrics
    assert 'leadloop_door_refused_total{door="web_form",reason="full"}' in metrics


@pytest.mark.parametrize(
    ("error", "is_closed"),
    [
        (asyncpg.DiskFullError("could not extend file: No space left on device"), True),
        (asyncpg.OutOfMemoryError("out of memory"), True),
        (asyncpg.UniqueViolationError("a row"), False),
        (TimeoutError(), False),
    ],
)
def test_a_write_that_found_no_room_closes_the_doors_for_a_while(
    error: Exception, *, is_closed: bool
) -> None:
    at = [100.0]
    guard = DiskGuard(0, now=lambda: at[0])
    guard.note(error)
    assert guard.is_closed() == is_closed
    assert is_transient(error) or not is_closed  # whoever sent it hears 503 or 429, and not that it is bad
    at[0] += NO_ROOM_FOR
    assert not guard.is_closed()


@pytest.mark.usefixtures("few_calls")
async def test_an_api_key_hears_what_is_left_and_when_to_come_again(
    marketing: AsyncClient, keys: Keys
) -> None:
    crm, shop = await key_of(marketing, keys, "crm"), await key_of(marketing, keys, "shop")
    leads = {"leads": [{"email": "c@d.co"}]}
    first = await marketing.post("/v1/leads", json={"email": "a@b.co"}, headers=crm)
    listed = await marketing.get("/v1/submissions", headers=crm)
    batch = await marketing.post("/v1/leads/batch", json=leads, headers=crm)
    assert [one.status_code for one in (first, listed, batch)] == [202, 200, 202]
    assert [one.headers["ratelimit"] for one in (first, listed, batch)] == [
        '"key";r=2;t=100', '"key";r=1;t=100', '"key";r=0;t=100'
    ]  # fmt: skip
    assert first.headers["ratelimit-policy"] == listed.headers["ratelimit-policy"] == '"key";q=3;w=300'
    for refused in (
        await marketing.post("/v1/leads", json={"email": "a@b.co"}, headers=crm),
        await marketing.get("/v1/submissions", headers=crm),
        await marketing.post("/v1/touches", json={}, headers=crm),
    ):
        assert refused.status_code == 429
        assert 90 <= int(refused.headers["retry-after"]) <= 100
        assert refused.headers["ratelimit"].startswith('"key";r=0')
    assert (await marketing.get("/v1/submissions", headers=shop)).status_code == 200
    assert (await marketing.get("/v1/submissions", headers=keys.as_("analyst"))).status_code == 200
