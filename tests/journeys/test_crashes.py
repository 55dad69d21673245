"""`kill -9` of each process in the middle of a journey: nothing lost, nothing doubled."""

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest

from tests.journeys.story import DOMAIN, team_with, token
from tests.support.loop import PROGRAMS, Loop, until

LEADS = 24
AWAY = (httpx.TransportError,)
LISTS = (("/v1/assignments?state=offered&limit=100", "handoff"), ("/v1/deals?limit=200", "sales"))


async def insist(
    loop: Loop, method: str, service: str, path: str, *, key: str, body: Any, subject: str
) -> Any:
    """What a good client does: the same request with the same key until it is answered."""
    role = "admin" if subject == "boss" else "rep"
    headers = loop.keys.as_(role, subject=subject) | {"Idempotency-Key": f'"{key}"'}
    while True:
        try:
            async with httpx.AsyncClient(base_url=loop.url(service), timeout=5) as client:
                answer = await client.request(method, path, json=body, headers=headers)
        except AWAY:
            await asyncio.sleep(0.1)
            continue
        if answer.status_code in (409, 503):
            await asyncio.sleep(0.1)
            continue
        return answer


async def send_all(loop: Loop, campaign: str, accepted: list[str]) -> None:
    """Leads one after the other, each until it is accepted, as a client with patience would."""
    for number in range(LEADS):
        person = token()
        body = {"email": f"{person}@{DOMAIN}", "hand_raiser": True, "answers": {"crash_run": campaign}}
        answer = await insist(
            loop, "POST", "marketing", "/v1/leads", key=f"{campaign}-{number}", body=body, subject="boss"
        )
        assert answer.status_code == 202, answer.text
        accepted.append(answer.json()["submission_id"])


async def accept_all(loop: Loop, rep: str, deals: set[str]) -> None:
    """The rep takes every offer, until there is a deal for every lead."""
    while len(deals) < LEADS:
        for path, service in (
            ("/v1/assignments?state=offered&limit=100", "handoff"),
            ("/v1/deals?limit=200", "sales"),
        ):
            found = await insist(loop, "GET", service, path, key=token(), body=None, subject=rep)
            for item in found.json()["items"]:
                if service == "sales":
                    deals.add(item["id"])
                    continue
                where = f"/v1/assignments/{item['id']}/accept"
                await insist(loop, "POST", "handoff", where, key=item["id"], body=None, subject=rep)
        await asyncio.sleep(0.1)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("victim", PROGRAMS)
async def test_a_killed_process_loses_and_doubles_nothing(loop: Loop, victim: str) -> None:
    rep, run = f"rep-{token()}", token()
    await team_with(loop, rep)
    accepted: list[str] = []
    deals: set[str] = set()
    story = asyncio.gather(send_all(loop, run, accepted), accept_all(loop, rep, deals))

    async def under_way() -> bool:
        return len(accepted) >= LEADS // 3

    await until(under_way, "a third of the leads were sent", seconds=60)
    loop.kill(victim)
    await asyncio.sleep(0.3)
    loop.start(victim)
    await asyncio.wait_for(story, 150)
    await loop.ready(victim)
    await loop.quiet()

    assert len(set(accepted)) == LEADS
    leads = await loop.rows(
        "marketing",
        "SELECT s.state, s.lead_id FROM submissions s WHERE s.id = ANY($1::uuid[])",
        accepted,
    )
    assert Counter(row["state"] for row in leads) == {"created": LEADS}
    lead_ids = [row["lead_id"] for row in leads]
    assert len(set(lead_ids)) == LEADS
    await each_once(loop, "marketing", lead_ids, "leadloop.marketing.lead_qualified.v1")
    await each_once(loop, "handoff", lead_ids, "leadloop.handoff.lead_assigned.v1")
    await each_once(loop, "handoff", lead_ids, "leadloop.handoff.lead_accepted.v1")
    opened = await loop.rows("sales", "SELECT lead_id FROM deals WHERE lead_id = ANY($1::uuid[])", lead_ids)
    assert Counter(row["lead_id"] for row in opened) == dict.fromkeys(lead_ids, 1)
    assert await gaps(loop) == []


async def each_once(loop: Loop, service: str, lead_ids: list[Any], type_: str) -> None:
    """The fact was staged exactly once for each of these leads."""
    rows = await loop.rows(
        service,
        "SELECT key, count(*) AS n FROM outbox WHERE type = $1 AND key = ANY($2::text[]) GROUP BY key",
        type_,
        [str(lead_id) for lead_id in lead_ids],
    )
    assert {row["key"]: row["n"] for row in rows} == {str(lead_id): 1 for lead_id in lead_ids}


async def gaps(loop: Loop) -> list[Any]:
    """Keys whose versions are not 1, 2, 3, …"""
    found = []
    for service in ("marketing", "handoff", "sales"):
        found += await loop.rows(
            service,
            "SELECT topic, key FROM outbox WHERE topic NOT LIKE 'dead.%' GROUP BY topic, key "
            "HAVING min(version) <> 1 OR max(version) <> count(*) OR count(DISTINCT version) <> count(*)",
        )
    return found
