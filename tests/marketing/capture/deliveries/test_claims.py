"""Who works on a delivery, until when, and how a person stops and starts that."""

from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from services.marketing.capture.deliveries import claims
from services.marketing.capture.submissions import reading
from shared.database.sessions import Sessions, driver
from tests.marketing.capture.house import lapse, new_form, set_aside, submissions, submit, work_off
from tests.support.keys import Keys


async def test_a_claim_keeps_others_away_until_it_runs_out(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    await submit(marketing, form, {"email": "a@b.co"})
    async with marketing_sessions.begin() as session:
        assert len(await claims.claim_fresh(await driver(session), most=9)) == 1
    assert await work_off(marketing_sessions) == 0
    await lapse(marketing_sessions)
    await work_off(marketing_sessions)
    assert [one["state"] for one in await submissions(marketing, keys)] == ["created"]


async def test_no_transaction_is_open_while_something_is_read(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    real = reading.read_here

    async def look(tasks: Any) -> Any:
        async with marketing_sessions() as session:
            seen.append(
                (
                    await session.execute(
                        text(
                            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                            "AND xact_start IS NOT NULL AND pid <> pg_backend_pid()"
                        )
                    )
                ).scalar_one()
            )
        return await real(tasks)

    monkeypatch.setattr(reading, "read_here", look)
    form = await new_form(marketing, keys)
    await submit(marketing, form, {"email": "a@b.co"})
    await work_off(marketing_sessions)
    assert seen == [0]


async def test_a_pending_delivery_can_be_set_aside_and_replayed(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    id_ = (await submit(marketing, form, {"email": "a@b.co"})).json()["submission_id"]
    path = f"/v1/deliveries/{id_}"
    pending = (await marketing.get(f"/v1/submissions/{id_}", headers=keys.as_("analyst"))).json()
    assert (pending["state"], pending["waits_for"]) == ("pending", "processing")

    for role, status in (("analyst", 403), ("marketer", 200), ("marketer", 409)):
        sent = await marketing.post(
            f"{path}/set-aside", json={"reason": "looked_odd"}, headers=keys.as_(role)
        )
        assert sent.status_code == status, sent.text
    assert await work_off(marketing_sessions) == 0
    assert await set_aside(marketing_sessions) == {"looked_odd": 1}

    assert (await marketing.post(f"{path}/replay", headers=keys.as_("marketer"))).status_code == 202
    await work_off(marketing_sessions)
    assert [UUID(one["id"]) for one in await submissions(marketing, keys)] == [UUID(id_)]
