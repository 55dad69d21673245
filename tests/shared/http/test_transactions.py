"""One transaction per request, committed before the answer."""

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from shared.database.sessions import Sessions
from shared.http.service import Service
from shared.http.transactions import RequestTransaction, release
from tests.support.keys import Keys


async def names(service: Service) -> list[str]:
    sessions: Sessions = service.state.sessions
    async with sessions() as session:
        return list((await session.scalars(text("SELECT name FROM things ORDER BY name"))).all())


async def test_what_was_answered_is_committed(client: AsyncClient, service: Service, keys: Keys) -> None:
    response = await client.post("/v1/things", json={"name": "one"}, headers=keys.as_("rep"))

    assert (response.status_code, response.json()["name"]) == (201, "one")
    assert await names(service) == ["one"]


async def test_a_commit_that_fails_is_never_a_success(
    client: AsyncClient, service: Service, keys: Keys
) -> None:
    """The constraint is deferred: the insert passes, and only the commit is refused by PostgreSQL."""
    await client.post("/v1/things", json={"name": "one"}, headers=keys.as_("rep"))

    again = await client.post("/v1/things", json={"name": "one"}, headers=keys.as_("rep"))

    assert again.status_code == 409
    assert again.json()["type"] == "urn:leadloop:problem:conflict"
    assert await names(service) == ["one"]


async def test_a_defect_rolls_back_and_says_nothing_of_its_cause(
    client: AsyncClient, service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    response = await client.post("/v1/things/defect")

    assert response.status_code == 500
    assert response.json()["type"] == "urn:leadloop:problem:internal"
    assert response.json()["request_id"] == response.headers["x-request-id"]
    assert "jane" not in response.text
    assert "jane" not in capsys.readouterr().out
    assert await names(service) == []


async def test_an_answer_that_refuses_changes_nothing(client: AsyncClient, service: Service) -> None:
    assert (await client.post("/v1/things/refused")).status_code == 404
    assert await names(service) == []


async def test_a_request_without_a_statement_takes_no_connection(client: AsyncClient, keys: Keys) -> None:
    response = await client.patch("/v1/things/a", json={"name": "b"}, headers=keys.as_("rep"))

    assert response.status_code == 200


async def test_every_connection_comes_back(client: AsyncClient, service: Service, keys: Keys) -> None:
    for path in ("defect", "refused", "statements/broken", "statements/terminate"):
        await client.post(f"/v1/things/{path}")
    await client.get("/v1/things/a")

    async with service.state.sessions() as session:
        assert session.bind.pool.checkedout() == 0


async def test_a_writing_request_can_not_let_go_of_its_transaction(service: Service) -> None:
    transaction = RequestTransaction(service.state.sessions, reading=False)

    with pytest.raises(RuntimeError, match="Only a GET"):
        await release(transaction.session)
    await transaction.close()


@pytest.mark.parametrize(
    ("kind", "status", "slug"),
    [
        ("sleep", 503, "unavailable"),
        ("foreign", 409, "conflict"),
        ("nul", 422, "invalid"),
        ("range", 422, "invalid"),
        ("terminate", 503, "unavailable"),
        ("broken", 500, "internal"),
    ],
)
async def test_what_the_database_refuses_is_a_problem_with_its_own_status(
    client: AsyncClient, kind: str, status: int, slug: str
) -> None:
    response = await client.post(f"/v1/things/statements/{kind}")

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["type"] == f"urn:leadloop:problem:{slug}"
    assert ("retry-after" in response.headers) == (status == 503)


async def test_a_lock_somebody_holds_is_busy_with_a_time_to_come_back(
    client: AsyncClient, service: Service
) -> None:
    async with service.state.sessions.begin() as session:
        await session.execute(text("LOCK TABLE things"))
        response = await client.post("/v1/things/statements/lock")

    assert response.status_code == 409
    assert response.json()["type"] == "urn:leadloop:problem:busy"
    assert response.headers["retry-after"] == "1"
