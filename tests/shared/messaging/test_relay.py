"""The relay and the consumer on real PostgreSQL and real Kafka."""

import asyncio
from datetime import timedelta

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidTimestampError

from services.topics import create_topics
from shared import clock
from shared.database.sessions import Sessions, connect, driver
from shared.events.handoff import LeadDeclined
from shared.messaging import outbox, repairs
from shared.messaging.cloudevents import headers_of
from shared.messaging.producer import may_pass
from shared.messaging.relay import BLOCKER, PARK, PINNED, Relay
from shared.observability import metrics
from tests.shared.messaging.relaying import TOPIC, consuming, emptied, read_all, relaying, until
from tests.shared.messaging.testing import declined, expired, prepare, scalar, seen, subscriptions


@pytest.fixture
async def prefix(kafka_bootstrap: str) -> str:
    found = f"t{clock.new_id().hex[-10:]}."
    await create_topics(kafka_bootstrap, prefix=found)
    return found


async def test_staged_events_reach_kafka_in_order_and_leave_the_queue(
    sales_database: str, sales_sessions: Sessions, kafka_bootstrap: str, prefix: str
) -> None:
    for begin in range(1, 41, 4):
        async with sales_sessions.begin() as session:
            versions = range(begin, begin + 4)
            await outbox.stage(session, [declined(lead, n) for n in versions for lead in range(25)])

    async with relaying(sales_database, kafka_bootstrap, prefix):
        await until(lambda: emptied(sales_sessions), "the queue emptied")

    sent = await read_all(kafka_bootstrap, prefix + TOPIC)
    assert len(sent) == len({event_id for _, _, event_id in sent}) == 1000
    for lead in range(25):
        assert [version for key, version, _ in sent if key == declined(lead).key] == list(range(1, 41))


async def test_a_clock_hours_ahead_keeps_no_event_back(kafka_bootstrap: str, prefix: str) -> None:
    """Kafka refuses times an hour ahead, unless the topic takes the broker's own; then no row is to blame."""
    ahead = int((clock.now() + timedelta(hours=2)).timestamp() * 1000)
    producer = AIOKafkaProducer(bootstrap_servers=kafka_bootstrap)
    await producer.start()
    try:
        sent = await producer.send_and_wait(prefix + TOPIC, b"early", partition=0, timestamp_ms=ahead)
    finally:
        await producer.stop()

    assert sent.timestamp < ahead - 3_000_000
    assert may_pass(InvalidTimestampError())


async def test_a_parked_key_holds_back_its_later_events_until_it_is_sent_again(
    sales_database: str, sales_sessions: Sessions, kafka_bootstrap: str, prefix: str
) -> None:
    async with relaying(sales_database, kafka_bootstrap, prefix) as relay:
        async with sales_sessions.begin() as session:
            await outbox.stage(session, [declined(1, 1)])
            connection = await driver(session)
            first = await connection.fetchval("SELECT min(id) FROM outbox_pending")
            await connection.execute(PARK, TOPIC, declined(1).key, first, "poison")
        newest = await _send_in_a_round_that_works(sales_sessions, relay)
        assert await scalar(sales_sessions, "SELECT count(*) FROM outbox_parked") == newest
        assert await repairs.resend_key(sales_sessions, TOPIC, declined(1).key) == newest
        await _send(sales_sessions, relay)

    sent = await read_all(kafka_bootstrap, prefix + TOPIC)
    assert [version for key, version, _ in sent if key == declined(1).key] == list(range(1, newest + 1))


async def _send_in_a_round_that_works(sessions: Sessions, relay: Relay) -> int:
    """Stage the parked key's next version until nothing failed meanwhile; answers the newest.

    A new producer's first batch to a partition may fail, and what is behind is parked before it is tried
    again: such a round shows nothing.
    """
    for version in range(2, 12):
        before = _failures()
        await _send(sessions, relay, declined(1, version))
        if _failures() == before:
            return version
    pytest.fail("every round had a batch that failed")


def _failures() -> float:
    return metrics.registry.get_sample_value("leadloop_relay_failures_total") or 0.0


async def _send(sessions: Sessions, relay: Relay, *events: LeadDeclined) -> None:
    """Stage these, and wait until nothing is left to be sent."""
    async with sessions.begin() as session:
        await outbox.stage(session, events)
    relay.wakeup.ring()
    await until(lambda: emptied(sessions), "the queue emptied")


async def test_an_event_is_never_parked_behind_one_that_is_being_sent_again(
    sales_database: str, sales_sessions: Sessions, kafka_bootstrap: str, prefix: str
) -> None:
    await _park_first_of(sales_sessions, declined(1, 1), declined(1, 2))
    operator = await connect(sales_database, application="operator")
    sending_again = operator.transaction()
    await sending_again.start()
    await operator.execute(
        "WITH back AS (DELETE FROM outbox_parked WHERE key = $1 RETURNING id, created_at) "
        "INSERT INTO outbox_pending SELECT id, created_at FROM back",
        declined(1).key,
    )

    async with relaying(sales_database, kafka_bootstrap, prefix):
        await until(lambda: _somebody_waits(sales_sessions), "the relay waited for the operator")
        await sending_again.commit()
        await until(lambda: emptied(sales_sessions), "both events left")

    assert await scalar(sales_sessions, "SELECT count(*) FROM outbox_parked") == 0
    sent = await read_all(kafka_bootstrap, prefix + TOPIC)
    assert [version for key, version, _ in sent if key == declined(1).key] == [1, 2]
    await operator.close()


async def test_an_event_that_was_just_parked_behind_another_is_sent_again_with_it(
    sales_database: str, sales_sessions: Sessions
) -> None:
    await _park_first_of(sales_sessions, declined(1, 1), declined(1, 2))
    relay = await connect(sales_database, application="relay")
    parking_behind = relay.transaction()
    await parking_behind.start()
    place = TOPIC, declined(1).key
    assert await relay.fetchval(BLOCKER, *place) is not None
    await relay.execute(PARK, *place, 0, "behind")

    sending_again = asyncio.create_task(repairs.resend_key(sales_sessions, *place))
    await until(lambda: _somebody_waits(sales_sessions), "the operator waited for the relay")
    await parking_behind.commit()

    assert await sending_again == 2
    await relay.close()


async def _park_first_of(sessions: Sessions, first: LeadDeclined, second: LeadDeclined) -> None:
    async with sessions.begin() as session:
        await outbox.stage(session, [first])
        connection = await driver(session)
        await connection.execute(PARK, TOPIC, first.key, 0, "poison")
        await outbox.stage(session, [second])


async def _somebody_waits(sessions: Sessions) -> bool:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    return await scalar(sessions, f"{waiting} AND datname = current_database()") == 1


async def test_a_second_relay_waits_until_the_first_lets_go(
    sales_database: str, sales_sessions: Sessions, kafka_bootstrap: str, prefix: str
) -> None:
    holder = await connect(sales_database, application="holder", **PINNED)
    await holder.execute("SELECT pg_advisory_lock($1)", 0x1EAD_0001)
    async with sales_sessions.begin() as session:
        await outbox.stage(session, [declined(1)])

    refusals = set()

    async def was_refused(times: int) -> bool:
        asked = (
            "SELECT query_start FROM pg_stat_activity WHERE application_name = 'leadloop-relay' "
            "AND datname = current_database() AND query LIKE '%pg_try_advisory_lock%'"
        )
        refusals.add(await scalar(sales_sessions, asked))
        return len(refusals - {None}) >= times

    async with relaying(sales_database, kafka_bootstrap, prefix):
        await until(lambda: was_refused(times=2), "the second relay asked for the lock again and again")
        assert not await emptied(sales_sessions)
        await holder.close()
        await until(lambda: emptied(sales_sessions), "the second relay took over")


async def test_a_frozen_holder_loses_the_relays_lock(sales_database: str) -> None:
    sooner = {name: "1s" if name == "idle_session_timeout" else value for name, value in PINNED.items()}
    holder = await connect(sales_database, application="frozen", **sooner)
    await holder.execute("SELECT pg_advisory_lock($1)", 0x1EAD_0001)
    other = await connect(sales_database, application="other")

    async def is_free() -> bool:
        return bool(await other.fetchval("SELECT pg_try_advisory_lock($1)", 0x1EAD_0001))

    await until(is_free, "the frozen session ended", seconds=15)
    await other.close()
    holder.terminate()


async def test_events_travel_from_outbox_to_handler_with_their_trace(
    sales_database: str, sales_sessions: Sessions, kafka_bootstrap: str, prefix: str
) -> None:
    await prepare(sales_sessions)
    facts = [declined(lead, 1) for lead in range(50)] + [expired(lead, 2) for lead in range(50)]
    async with sales_sessions.begin() as session:
        await outbox.stage(session, facts)

    async with (
        relaying(sales_database, kafka_bootstrap, prefix),
        consuming(sales_sessions, subscriptions(), kafka_bootstrap, prefix),
    ):

        async def all_seen() -> bool:
            return len(await seen(sales_sessions)) == 100

        await until(all_seen, "all hundred events were handled")

    handled = await seen(sales_sessions)
    assert all(handled.index((lead, 1)) < handled.index((lead, 2)) for lead in range(50))


async def test_a_failing_event_is_parked_and_its_neighbours_flow(
    sales_sessions: Sessions, kafka_bootstrap: str, prefix: str
) -> None:
    await prepare(sales_sessions)
    producer = AIOKafkaProducer(bootstrap_servers=kafka_bootstrap)
    await producer.start()
    async with sales_sessions.begin() as session:
        await outbox.stage(session, [declined(1, reason="poison"), declined(2), expired(1, 2)])
        connection = await driver(session)
        rows = await connection.fetch("SELECT * FROM outbox ORDER BY id")
    for row in rows:
        await producer.send_and_wait(
            prefix + TOPIC, row["data"], key=row["key"].encode(), headers=headers_of(row), partition=3
        )
    await producer.send_and_wait(prefix + TOPIC, b"junk", key=b"junk", partition=3)
    await producer.stop()

    async with consuming(sales_sessions, subscriptions(), kafka_bootstrap, prefix):

        async def all_parked() -> bool:
            return await scalar(sales_sessions, "SELECT count(*) FROM parked_events") == 3

        await until(all_parked, "the poison was parked", seconds=40)

    assert await seen(sales_sessions) == [(2, 1)]
