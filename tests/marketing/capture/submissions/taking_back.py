"""What is kept of people, leads and reports, and the requests that take back and release."""

from typing import Any

from httpx import AsyncClient

from shared.database.sessions import Sessions, driver
from tests.marketing.capture.house import new_form, work_off
from tests.support.keys import Keys

SPAM = {"reason": "spam", "received_from": "2020-01-01T00:00:00Z"}
# What is kept of a person, a lead and the reports; without ids and moments that are new each time.
STATE = {
    "touches": "SELECT contact_id, submission_id, kind, source, channel, campaign_id, utm::text, occurred_at "
    "FROM touches ORDER BY submission_id",
    "references": "SELECT r.kind, r.value, t.submission_id FROM unmatched_references r "
    "JOIN touches t ON t.id = r.touch_id ORDER BY 3, 1, 2",
    "leads": "SELECT id, contact_id, source, channel, campaign_id, submission_id, score, fit, engagement, "
    "reasons, facts::text, arrivals, occurred_at, withdrawn_at FROM leads ORDER BY id",
    "sums": "SELECT day, campaign_id, channel, sum(leads), sum(mqls) FROM lead_days GROUP BY 1, 2, 3 "
    "HAVING sum(leads) <> 0 OR sum(mqls) <> 0 ORDER BY 1, 2, 3",
    "consents": "SELECT submission_id, purpose, contact_id, state, at FROM consents ORDER BY 1, 2",
    "submissions": "SELECT id, state, reason, contact_id, lead_id FROM submissions ORDER BY id",
}


async def rows(sessions: Sessions, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    async with sessions.begin() as session:
        return [tuple(row) for row in await (await driver(session)).fetch(sql, *values)]


async def state(sessions: Sessions) -> dict[str, list[tuple[Any, ...]]]:
    return {name: await rows(sessions, sql) for name, sql in STATE.items()}


async def told(sessions: Sessions) -> list[tuple[str, int]]:
    found = await rows(sessions, "SELECT type, version FROM outbox ORDER BY id")
    return [(type_.split(".")[2], version) for type_, version in found]


async def withdraw(client: AsyncClient, keys: Keys, **wanted: Any) -> dict[str, Any]:
    answer = await client.post("/v1/submissions/withdraw", json=wanted, headers=keys.as_("marketer"))
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def release(client: AsyncClient, keys: Keys, sessions: Sessions) -> int:
    wanted = {"state": "quarantined", "reason": "withdrawn"}
    answer = await client.post("/v1/submissions/replay", json=wanted, headers=keys.as_("marketer"))
    await work_off(sessions)
    return int(answer.json()["replayed"])


async def form_of(client: AsyncClient, keys: Keys, **more: Any) -> dict[str, Any]:
    return await new_form(client, keys, hand_raiser=True, **more)


def person(name: str, **more: Any) -> dict[str, Any]:
    return {
        "name": f"{name} Nowak",
        "email": f"{name}@firma-{name}.com",
        "landing_url": "https://www.firma.com/?utm_source=news&utm_medium=email&utm_campaign=spring",
        "marketing_consent": "yes",
        **more,
    }
