"""Who did what: a row for each write, none for what was refused or repeated, one for many refusals."""

from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from shared.auth.access import Caller
from shared.http.audit.refusals import MANY, MOST, Refusals
from shared.http.service import Service
from tests.support.keys import Keys


async def rows(service: Service) -> list[dict[str, Any]]:
    async with service.state.sessions() as session:
        found = await session.execute(text("SELECT * FROM audit_events ORDER BY id"))
        return [dict(row._mapping) for row in found]


async def things(service: Service) -> int:
    async with service.state.sessions() as session:
        return int((await session.execute(text("SELECT count(*) FROM things"))).scalar_one())


@pytest.fixture(autouse=True)
async def nothing_before(service: Service) -> None:
    await service.state.refusals.flush()
    async with service.state.sessions.begin() as session:
        await session.execute(text("DELETE FROM audit_events"))


async def test_a_write_says_who_did_what_and_from_where(
    client: AsyncClient, service: Service, keys: Keys
) -> None:
    answer = await client.post("/v1/things", json={"name": "a"}, headers=keys.as_("rep", subject="ana"))

    [row] = await rows(service)
    assert (row["subject"], row["kind"], row["roles"]) == ("ana", "person", ["rep"])
    assert (row["method"], row["route"], row["status"]) == ("POST", "/v1/things", 201)
    assert (row["object_kind"], row["number"], row["since"]) == ("things", 1, None)
    assert row["address"] == "127.0.0.1"
    assert row["request_id"] == answer.headers["x-request-id"]
    assert row["credential"]
    assert keys.as_("rep", subject="ana")["Authorization"] not in str(row)


async def test_what_was_refused_or_read_is_no_write(
    client: AsyncClient, service: Service, keys: Keys
) -> None:
    who = keys.as_("rep")
    await client.get("/v1/things/a", headers=who)
    assert (await client.post("/v1/things", json={"colour": "red"}, headers=who)).status_code == 422

    assert await rows(service) == []


async def test_a_repeat_is_no_second_write(client: AsyncClient, service: Service, keys: Keys) -> None:
    who = keys.as_("rep") | {"idempotency-key": "once"}
    before = await things(service)
    for _ in range(3):
        assert (await client.post("/v1/things", json={"name": "a"}, headers=who)).status_code == 201

    assert len(await rows(service)) == 1
    assert await things(service) == before + 1


async def test_what_can_not_be_written_down_is_not_done(
    client: AsyncClient, service: Service, keys: Keys
) -> None:
    async def change(how: str) -> None:
        async with service.state.sessions.begin() as session:
            await session.execute(text(f"ALTER TABLE audit_events {how}"))

    before = await things(service)
    await change("ADD CONSTRAINT nobody CHECK (false)")
    answer = await client.post("/v1/things", json={"name": "a"}, headers=keys.as_("rep"))
    await change("DROP CONSTRAINT nobody")

    assert answer.status_code >= 500
    assert await things(service) == before


async def test_keys_made_and_revoked_are_told_without_the_key(
    client: AsyncClient, service: Service, keys: Keys
) -> None:
    boss = keys.as_("admin", subject="boss")
    made = await client.post("/v1/api-keys", json={"name": "N", "scopes": ["things:write"]}, headers=boss)
    key = made.json()
    await client.post("/v1/things", json={"name": "a"}, headers={"Authorization": f"Bearer {key['key']}"})
    await client.delete(f"/v1/api-keys/{key['id']}", headers=boss)

    told = await rows(service)
    assert [(row["subject"], row["method"], row["object_kind"]) for row in told] == [
        ("boss", "POST", "api-keys"),
        (key["id"], "POST", "things"),
        ("boss", "DELETE", "api-keys"),
    ]
    assert told[0]["object_id"] == told[2]["object_id"] == key["id"]
    assert told[0]["changes"][0]["fields"] == {"name": None, "scopes": [None, "things:write"]}
    assert key["key"] not in str(told)


async def test_a_thousand_refusals_of_one_caller_are_one_row(
    client: AsyncClient, service: Service, keys: Keys
) -> None:
    for _ in range(20):
        assert (
            await client.post("/v1/things", json={}, headers={"Authorization": "Bearer x"})
        ).status_code == 401
        assert (await client.post("/v1/things", json={}, headers=keys.as_("finance"))).status_code == 403
    await service.state.refusals.flush()

    told = {row["status"]: row for row in await rows(service)}
    assert {status: (row["subject"], row["kind"], row["number"]) for status, row in told.items()} == {
        401: ("", "nobody", 20),
        403: ("someone", "person", 20),
    }
    assert told[403]["since"] < told[403]["at"]
    assert told[403]["route"] == "/v1/things"


async def test_many_addresses_are_few_rows_and_nothing_is_uncounted(service: Service) -> None:
    refusals = Refusals(service.state.sessions)
    for number in range(1000):
        address = f"203.{number // 250}.{number % 250}.7"
        refusals.note(401, None, address, "GET", "/v1/things", "0" * 32)
    refusals.note(403, Caller("person", "ana"), "198.51.100.1", "GET", "/v1/things", "0" * 32)
    await refusals.flush()
    await refusals.flush()

    told = await rows(service)
    assert sum(row["number"] for row in told) == 1001
    assert len(told) <= MOST + 2
    assert [row["number"] for row in told if row["subject"] == MANY and row["status"] == 401] == [1000 - MOST]


async def test_what_can_not_be_written_now_is_written_later(service: Service) -> None:
    refusals = Refusals(service.state.sessions)
    refusals.note(401, None, "203.0.113.7", "GET", "/v1/things", "0" * 32)
    async with service.state.sessions.begin() as session:
        await session.execute(text("ALTER TABLE audit_events ADD CONSTRAINT nobody CHECK (false) NOT VALID"))
    await refusals.flush()
    async with service.state.sessions.begin() as session:
        await session.execute(text("ALTER TABLE audit_events DROP CONSTRAINT nobody"))
    refusals.note(401, None, "203.0.113.7", "GET", "/v1/things", "0" * 32)
    await refusals.flush()

    assert [row["number"] for row in await rows(service)] == [2]


async def test_administrators_read_it_with_filters(client: AsyncClient, service: Service, keys: Keys) -> None:
    for number, subject in enumerate(("ana", "ben", "ana")):
        done = await client.post(
            "/v1/things", json={"name": f"thing {number}"}, headers=keys.as_("rep", subject=subject)
        )
        assert done.status_code == 201, done.text
    boss = keys.as_("admin", subject="boss")

    async def told(query: str = "") -> list[str]:
        answer = await client.get(f"/v1/audit-events{query}", headers=boss)
        assert answer.status_code == 200, answer.text
        return [one["subject"] for one in answer.json()["items"]]

    assert await told() == ["ana", "ben", "ana"]
    assert await told("?subject=ana") == ["ana", "ana"]
    assert await told("?object_kind=things&method=POST&refused=false") == ["ana", "ben", "ana"]
    assert await told("?refused=true") == []
    assert await told("?until=2026-01-01T00:00:00Z") == []
    first = (await client.get("/v1/audit-events?limit=2", headers=boss)).json()
    assert await told(f"?limit=2&cursor={first['next_cursor']}") == ["ana"]
    assert (await client.get("/v1/audit-events?who=ana", headers=boss)).status_code == 422
    assert (await client.get("/v1/audit-events?since=soon", headers=boss)).status_code == 422


@pytest.mark.parametrize("role", ["rep", "sales_manager", "marketer", "analyst", "finance"])
async def test_nobody_else_reads_it(client: AsyncClient, keys: Keys, role: str) -> None:
    assert (await client.get("/v1/audit-events", headers=keys.as_(role))).status_code == 403
