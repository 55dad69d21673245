"""An external id stands for one lead of its source: repeats and changes of it, by a table of batches."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from shared.database.sessions import Sessions
from tests.marketing.capture.house import balance, submissions, touched, work_off
from tests.support.keys import Keys


async def tell(client: AsyncClient, keys: Keys, *leads: dict[str, Any]) -> list[str]:
    """Send these as a server does, in one delivery; the ids promised."""
    sent = await client.post("/v1/leads/batch", json={"leads": list(leads)}, headers=keys.as_("marketer"))
    assert sent.status_code == 202, sent.text
    return [one["submission_id"] for one in sent.json()["submissions"]]


BARE = {"external_id": "E-77", "name": "Ada Nowak"}
FULL = {**BARE, "email": "ada@firma.example.com", "company_size": "40"}
# Batches sent one after the other; what became of each lead, in order; the contacts' e-mail addresses.
CHANGES: dict[str, tuple[list[list[dict[str, Any]]], list[str], list[str]]] = {
    "the same again": ([[FULL], [FULL]], ["created"], ["ada@firma.example.com"]),
    "corrected after it was refused": (
        [[BARE], [FULL]],
        ["rejected no_contact", "created"],
        ["ada@firma.example.com"],
    ),
    "refused twice": ([[BARE], [BARE]], ["rejected no_contact", "rejected no_contact"], []),
    "another address": (
        [[FULL], [{**FULL, "email": "ada.nowak@firma.example.com"}]],
        ["created", "merged changed"],
        ["ada.nowak@firma.example.com"],
    ),
    "another title, without saying how to reach them": (
        [[FULL], [{**BARE, "job_title": "CEO"}]],
        ["created", "merged changed"],
        ["ada@firma.example.com"],
    ),
    "changed, and changed again": (
        [[FULL], [{**FULL, "job_title": "CEO"}], [{**FULL, "job_title": "CFO"}]],
        ["created", "merged changed", "merged changed"],
        ["ada@firma.example.com"],
    ),
    "changed in the same delivery": (
        [[FULL, {**FULL, "email": "ada.nowak@firma.example.com"}]],
        ["created", "merged changed"],
        ["ada.nowak@firma.example.com"],
    ),
    "twice in the same delivery": ([[FULL, FULL]], ["created", "merged repeat"], ["ada@firma.example.com"]),
    "the same beside a new one": (
        [[FULL], [FULL, {"email": "eva@firma.example.com", "external_id": "E-78"}]],
        ["created", "merged repeat", "created"],
        ["ada@firma.example.com", "eva@firma.example.com"],
    ),
}


@pytest.mark.parametrize("case", CHANGES)
async def test_an_external_id_stands_for_one_lead(
    case: str, marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    batches, states, emails = CHANGES[case]
    promised: list[str] = []
    for batch in batches:
        promised += await tell(marketing, keys, *batch)
        await work_off(marketing_sessions)

    found = await submissions(marketing, keys)
    assert [" ".join(filter(None, (one["state"], one["reason"]))) for one in found] == states
    async with marketing_sessions() as session:
        known = list((await session.execute(text("SELECT email FROM contacts ORDER BY email"))).scalars())
    assert known == emails
    leads = {one["lead_id"] for one in found if one["external_id"] == "E-77"} - {None}
    assert len(leads) == ("created" in states)
    new = sum(state in ("created", "merged") for state in states)
    if emails:
        assert await touched(marketing_sessions) == (new, new)
    assert (await balance(marketing, keys))["holds"]
    for id_ in promised:
        assert (await marketing.get(f"/v1/submissions/{id_}", headers=keys.as_("analyst"))).status_code == 200


async def test_a_change_is_scored(marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions) -> None:
    await tell(marketing, keys, FULL)
    await work_off(marketing_sessions)
    await tell(marketing, keys, {**FULL, "hand_raiser": True})
    await work_off(marketing_sessions)
    first, change = await submissions(marketing, keys)
    assert (change["state"], change["reason"]) == ("merged", "changed")
    lead = (await marketing.get(f"/v1/leads/{first['lead_id']}", headers=keys.as_("analyst"))).json()
    assert lead["stage"] == "mql"
    assert await touched(marketing_sessions) == (1, 1)


async def test_every_lead_of_a_batch_is_there_before_it_is_read(marketing: AsyncClient, keys: Keys) -> None:
    promised = await tell(marketing, keys, FULL, {"email": "b@c.com"}, {"email": "d@e.com"})
    for id_ in promised:
        shown = (await marketing.get(f"/v1/submissions/{id_}", headers=keys.as_("analyst"))).json()
        assert (shown["id"], shown["delivery_id"], shown["state"]) == (id_, promised[0], "pending")
    unknown = UUID(int=UUID(promised[0]).int - 1)
    gone = await marketing.get(f"/v1/submissions/{unknown}", headers=keys.as_("analyst"))
    assert gone.status_code == 404


async def test_leads_of_the_past_are_no_clicks(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    past = [datetime(2024, month, 1, tzinfo=UTC).isoformat() for month in (1, 6)]
    await tell(marketing, keys, *({"email": "ada@firma.example.com", "occurred_at": at} for at in past))
    await work_off(marketing_sessions)
    assert [one["reason"] for one in await submissions(marketing, keys)] == [None, None]
    assert await touched(marketing_sessions) == (2, 2)
