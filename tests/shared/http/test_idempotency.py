"""`Idempotency-Key`: the same request twice has one effect and one answer."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from httpx import AsyncClient
from sqlalchemy import func, select, text, update

from shared.database import edge_tables
from shared.database.edge_tables import idempotency as stored
from shared.http.service import Service
from tests.shared.http.test_transactions import names
from tests.shared.http.things import Gate, gate
from tests.support.keys import Keys


@pytest.fixture
def headers(keys: Keys) -> dict[str, str]:
    return {**keys.as_("rep", subject="ann"), "Idempotency-Key": "k-1"}


async def rows(service: Service) -> int:
    async with service.state.sessions() as session:
        return int(await session.scalar(select(func.count()).select_from(stored)) or 0)


async def test_the_same_request_twice_has_one_effect_and_one_answer(
    client: AsyncClient, service: Service, headers: dict[str, str]
) -> None:
    first = await client.post("/v1/things", json={"name": "one"}, headers=headers)
    second = await client.post("/v1/things", json={"name": "one"}, headers=headers)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert second.headers["content-type"] == first.headers["content-type"]
    assert second.headers["idempotent-replayed"] == "true"
    assert await names(service) == ["one"]


async def test_a_quoted_key_is_the_same_key(client: AsyncClient, headers: dict[str, str]) -> None:
    await client.post("/v1/things", json={"name": "one"}, headers=headers)

    quoted = {**headers, "Idempotency-Key": '"k-1"'}
    second = await client.post("/v1/things", json={"name": "one"}, headers=quoted)

    assert second.headers["idempotent-replayed"] == "true"


async def test_the_key_with_another_body_is_refused(client: AsyncClient, headers: dict[str, str]) -> None:
    await client.post("/v1/things", json={"name": "one"}, headers=headers)

    other = await client.post("/v1/things", json={"name": "two"}, headers=headers)

    assert other.status_code == 422
    assert other.json()["type"] == "urn:leadloop:problem:key-reused"


async def test_another_caller_has_keys_of_their_own(
    client: AsyncClient, service: Service, keys: Keys, headers: dict[str, str]
) -> None:
    await client.post("/v1/things", json={"name": "one"}, headers=headers)

    bens = {**headers, **keys.as_("rep", subject="ben")}
    response = await client.post("/v1/things", json={"name": "two"}, headers=bens)

    assert response.json() == {"name": "two", "by": "ben"}
    assert await names(service) == ["one", "two"]


async def test_while_the_first_is_running_the_second_is_told_to_come_back(
    client: AsyncClient, service: Service, headers: dict[str, str]
) -> None:
    fresh = Gate()
    gate.reached, gate.opened = fresh.reached, fresh.opened
    running = asyncio.create_task(client.post("/v1/things", json={"name": "slow"}, headers=headers))
    await asyncio.wait_for(gate.reached.wait(), 5)

    second = await client.post("/v1/things", json={"name": "slow"}, headers=headers)
    gate.opened.set()
    first = await running
    third = await client.post("/v1/things", json={"name": "slow"}, headers=headers)

    assert (second.status_code, second.headers["retry-after"]) == (409, "1")
    assert second.json()["type"] == "urn:leadloop:problem:key-in-use"
    assert (first.status_code, third.status_code) == (201, 201)
    assert third.headers["idempotent-replayed"] == "true"
    assert await names(service) == ["slow"]


async def test_a_failed_commit_leaves_no_answer_behind(
    client: AsyncClient, service: Service, keys: Keys, headers: dict[str, str]
) -> None:
    """Row, effect and stored answer are one transaction: the name is taken, so none of the three stays."""
    await client.post("/v1/things", json={"name": "one"}, headers=keys.as_("rep"))

    failed = await client.post("/v1/things", json={"name": "one"}, headers=headers)
    async with service.state.sessions.begin() as session:
        await session.execute(text("DELETE FROM things"))
    again = await client.post("/v1/things", json={"name": "one"}, headers=headers)

    assert failed.status_code == 409
    assert again.status_code == 201
    assert "idempotent-replayed" not in again.headers


async def test_an_answer_that_refuses_is_not_kept(
    client: AsyncClient, service: Service, headers: dict[str, str]
) -> None:
    refused = await client.post("/v1/things", json={"nam": "one"}, headers=headers)

    assert refused.status_code == 422
    assert await rows(service) == 0


async def test_an_answer_older_than_two_days_is_forgotten(
    client: AsyncClient, service: Service, headers: dict[str, str]
) -> None:
    await client.post("/v1/things", json={"name": "one"}, headers=headers)
    async with service.state.sessions.begin() as session:
        old = func.now() - timedelta(days=edge_tables.KEPT_DAYS)
        await session.execute(update(stored).values(created_at=old))

    again = await client.post("/v1/things", json={"name": "two"}, headers=headers)

    assert again.status_code == 201


@pytest.mark.parametrize(("days", "status"), [(3, 422), (0, 422), (2, 201)])
async def test_an_answer_holds_for_as_long_as_is_set(
    client: AsyncClient, service: Service, headers: dict[str, str], days: int, status: int
) -> None:
    service.state.edge = replace(service.state.edge, answers_days=days)
    await client.post("/v1/things", json={"name": "one"}, headers=headers)
    async with service.state.sessions.begin() as session:
        await session.execute(update(stored).values(created_at=func.now() - timedelta(hours=49)))

    again = await client.post("/v1/things", json={"name": "two"}, headers=headers)

    assert again.status_code == status


async def test_the_stored_answer_can_not_be_read_in_the_table(
    client: AsyncClient, service: Service, headers: dict[str, str]
) -> None:
    await client.post("/v1/things", json={"name": "Jane Doe"}, headers=headers)

    async with service.state.sessions() as session:
        row = (await session.execute(select(stored))).one()
    assert b"Jane" not in row.body
    assert b"k-1" not in row.key_hash


@pytest.mark.parametrize("key", ["", '""', "x" * 256, "t\tab", "schlüssel"])
async def test_a_key_that_is_none_is_refused(client: AsyncClient, keys: Keys, key: str) -> None:
    sent = {**keys.as_("rep"), "Idempotency-Key": key}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in sent.items()]

    response = await client.post("/v1/things", json={"name": "one"}, headers=raw)

    assert response.status_code == 400
