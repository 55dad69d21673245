"""Something of each kind that comes in."""

from typing import Any

import pytest
from httpx import AsyncClient

from shared.database.sessions import Sessions
from tests.marketing.capture.house import google_lead, new_connection, new_form, submit, work_off
from tests.marketing.capture.retention.house import ADA, SPAM
from tests.support.keys import Keys


@pytest.fixture
async def form(marketing: AsyncClient, keys: Keys) -> dict[str, Any]:
    return await new_form(marketing, keys)


@pytest.fixture
async def some_of_each(
    form: dict[str, Any], marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> dict[str, Any]:
    """A lead, spam, one nobody can reach, a test, a repeat, a body nobody can read; and one that waits."""
    await submit(marketing, form, ADA, **{"idempotency-key": "k-1"})
    await submit(marketing, form, ADA, **{"idempotency-key": "k-1"})
    await submit(marketing, form, SPAM)
    connection = await new_connection(marketing, keys, "google_ads")
    await marketing.post(connection["webhook_path"], json=google_lead("g-1", is_test=True))
    await marketing.post(connection["webhook_path"], json=google_lead("g-2"))
    await marketing.post("/v1/leads", json={"external_id": "E-1"}, headers=keys.as_("admin"))
    await work_off(marketing_sessions)
    unread = await submit(marketing, form, {"email": "eva@muster-gmbh.com"})
    path = f"/v1/deliveries/{unread.json()['submission_id']}/set-aside"
    await marketing.post(path, json={}, headers=keys.as_("admin"))
    await submit(marketing, form, {"email": "otto@muster-gmbh.com"})
    return {"form": form, "unread": unread.json()["submission_id"]}
