"""Group commit: everybody is answered after the commit, and nobody pays for somebody else's row."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from services.marketing.capture.deliveries import group_commit
from services.marketing.capture.deliveries.group_commit import FrontDoor
from services.marketing.capture.deliveries.writes import NewDelivery, Settled, settle_deliveries
from shared import clock
from shared.database.sessions import Sessions, driver
from shared.errors import KeyReusedError, UnavailableError, UnparseableError

FORM = UUID(int=7)


@pytest.fixture
async def door(marketing_database: str) -> AsyncIterator[FrontDoor]:
    found = FrontDoor(marketing_database)
    async with found.open():
        yield found


def arrived(
    key: str | None = None, *, body: bytes = b"{}", sender: str | None = None, strict: bool = False
) -> NewDelivery:
    return NewDelivery(clock.new_id(), "web_form", FORM, body, dedupe_key=key, sender=sender, strict=strict)


async def one(sessions: Sessions, query: str) -> object:
    async with sessions() as session:
        return (await session.execute(text(query))).scalar_one()


async def test_requests_that_come_together_share_a_commit(
    door: FrontDoor, marketing_sessions: Sessions
) -> None:
    await asyncio.gather(*(door.store(arrived()) for _ in range(100)))
    assert await one(marketing_sessions, "SELECT count(*) FROM deliveries") == 100
    assert await one(marketing_sessions, "SELECT sum(deliveries) FROM tallies") == 100
    # xmin is the transaction that wrote the row.
    assert await one(marketing_sessions, "SELECT count(DISTINCT xmin::text) FROM deliveries") <= 3  # type: ignore[operator]


async def test_repeats_in_one_batch_and_in_the_next_get_the_first_id(
    door: FrontDoor, marketing_sessions: Sessions
) -> None:
    firsts = await asyncio.gather(*(door.store(arrived("k:1")) for _ in range(5)))
    assert len(set(firsts)) == 1
    assert await door.store(arrived("k:1")) == firsts[0]
    assert await one(marketing_sessions, "SELECT count(*) FROM deliveries WHERE state = 'repeat'") == 5
    bodies = "SELECT count(*) FROM deliveries WHERE state = 'repeat' AND body IS NOT NULL"
    assert await one(marketing_sessions, bodies) == 0
    assert await one(marketing_sessions, "SELECT sum(deliveries) FROM tallies") == 6


async def test_bodies_that_share_a_key_are_told_apart_in_one_batch(
    door: FrontDoor, marketing_sessions: Sessions
) -> None:
    bodies = [b"1", b"2", b"1", b"3", b"2"] * 3
    firsts = await asyncio.gather(*(door.store(arrived("x:1", body=body)) for body in bodies))
    by_body = dict(zip(bodies, firsts, strict=True))
    assert len(set(firsts)) == 3
    assert [by_body[body] for body in bodies] == firsts
    assert await one(marketing_sessions, "SELECT sum(deliveries) * 100 + sum(changed) FROM tallies") == 1502
    unhashed = "SELECT count(*) FROM deliveries WHERE body_sha256 IS NULL"
    assert await one(marketing_sessions, unhashed) == 0


async def test_a_strict_key_is_of_one_body(door: FrontDoor, marketing_sessions: Sessions) -> None:
    bodies = [b"1", b"2", b"1"]
    found = await asyncio.gather(
        *(door.store(arrived("k:1", body=body, strict=True)) for body in bodies), return_exceptions=True
    )
    assert found[0] == found[2]
    assert isinstance(found[1], KeyReusedError)
    assert await one(marketing_sessions, "SELECT count(*) FROM deliveries") == 2


async def test_nobody_at_the_door_waits_for_a_transaction_that_counts_the_same_day(
    door: FrontDoor, marketing_sessions: Sessions
) -> None:
    async with marketing_sessions.begin() as session, asyncio.timeout(2):
        connection = await driver(session)
        today = await connection.fetchval("SELECT current_date")
        await settle_deliveries(connection, [Settled(clock.new_id(), "read", None)], {(today, "web_form"): 3})
        await door.store(arrived())
    counted = "SELECT count(DISTINCT shard) * 100 + sum(submissions) * 10 + sum(deliveries) FROM tallies"
    assert await one(marketing_sessions, counted) == 231


async def test_two_sources_may_use_the_same_key(door: FrontDoor) -> None:
    """A key tells repeats apart within its source only: two forms know nothing of each other's keys."""
    other = UUID(int=8)

    def sent(source: UUID) -> NewDelivery:
        return NewDelivery(clock.new_id(), "web_form", source, b"{}", dedupe_key="k:1")

    mine, theirs = await asyncio.gather(door.store(sent(FORM)), door.store(sent(other)))

    assert mine != theirs
    assert (await door.store(sent(FORM)), await door.store(sent(other))) == (mine, theirs)


async def test_a_row_that_cannot_be_stored_fails_alone(door: FrontDoor, marketing_sessions: Sessions) -> None:
    results = await asyncio.gather(
        door.store(arrived()),
        door.store(arrived(sender="\x00")),
        door.store(arrived()),
        return_exceptions=True,
    )
    assert isinstance(results[0], UUID)
    assert isinstance(results[1], UnparseableError)
    assert isinstance(results[2], UUID)
    assert await one(marketing_sessions, "SELECT count(*) FROM deliveries") == 2
    assert await one(marketing_sessions, "SELECT sum(deliveries) FROM tallies") == 2


async def test_a_database_that_is_away_is_never_a_success(marketing_database: str) -> None:
    nowhere = make_url(marketing_database).set(port=1).render_as_string(hide_password=False)
    door = FrontDoor(nowhere)
    async with door.open():
        results = await asyncio.gather(*(door.store(arrived()) for _ in range(3)), return_exceptions=True)
    assert all(isinstance(result, UnavailableError) for result in results)


async def test_a_lost_connection_is_replaced(door: FrontDoor, marketing_sessions: Sessions) -> None:
    await door.store(arrived())
    async with marketing_sessions.begin() as session:
        await session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'leadloop-front-door' AND datname = current_database()"
            )
        )
    result = (await asyncio.gather(door.store(arrived()), return_exceptions=True))[0]
    if isinstance(result, BaseException):  # the loss was noticed by this one, which was told so
        assert isinstance(result, UnavailableError)
    assert isinstance(await door.store(arrived()), UUID)


async def test_a_full_queue_says_so(monkeypatch: pytest.MonkeyPatch, door: FrontDoor) -> None:
    monkeypatch.setattr(group_commit, "MOST_WAITING", 2)
    results = await asyncio.gather(*(door.store(arrived()) for _ in range(5)), return_exceptions=True)
    refused = [result for result in results if isinstance(result, UnavailableError)]
    assert len(refused) == 3
    assert all("Retry-After" in error.headers for error in refused)


async def test_those_who_wait_at_the_stop_are_stored(
    marketing_database: str, marketing_sessions: Sessions
) -> None:
    door = FrontDoor(marketing_database)
    async with door.open():
        waiting = [asyncio.create_task(door.store(arrived())) for _ in range(300)]
        await asyncio.sleep(0)
    assert len(await asyncio.wait_for(asyncio.gather(*waiting), 20)) == 300
    assert await one(marketing_sessions, "SELECT count(*) FROM deliveries") == 300


async def test_the_refused_are_counted_and_nothing_else(
    door: FrontDoor, marketing_sessions: Sessions
) -> None:
    for _ in range(3):
        door.refuse("meta", "signature")
    await door.store(arrived())
    for _ in range(100):
        if await one(marketing_sessions, "SELECT coalesce(sum(count), 0) FROM refusals") == 3:
            break
        await asyncio.sleep(0.05)
    assert await one(marketing_sessions, "SELECT sum(count) FROM refusals") == 3
