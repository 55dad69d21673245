"""What must not get lost between outbox, Kafka and handler when things go wrong half-way. Real servers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import NewTopic
from sqlalchemy.exc import InterfaceError

from services.topics import create_topics
from shared import clock
from shared.database.sessions import Sessions
from shared.events.handoff import LeadDeclined
from shared.messaging import outbox, topics
from shared.messaging.consumer import Consumer
from shared.messaging.delivery import Delivery
from shared.messaging.offsets import Offsets
from shared.messaging.pacing import Pace
from shared.messaging.subscriptions import Context, Subscriptions
from tests.shared.messaging.relaying import TOPIC, emptied, read_all, relaying, until
from tests.shared.messaging.testing import declined, prepare, scalar, seen, subscriptions, too_large


@pytest.fixture
def prefix() -> str:
    return f"t{clock.new_id().hex[-10:]}."


async def versions(bootstrap: str, prefix: str, lead: int) -> list[int]:
    sent = await read_all(bootstrap, prefix + TOPIC)
    return [version for key, version, _ in sent if key == declined(lead).key]


async def test_an_event_that_commits_late_is_sent_all_the_same(
    sales_database: str, sales_sessions: Sessions, kafka_bootstrap: str, prefix: str
) -> None:
    await create_topics(kafka_bootstrap, prefix)
    async with relaying(sales_database, kafka_bootstrap, prefix) as relay:
        async with sales_sessions.begin() as slow:
            await outbox.stage(slow, [declined(1)])
            async with sales_sessions.begin() as quick:
                await outbox.stage(quick, [declined(2)])
            relay.wakeup.ring()
            await until(lambda: emptied(sales_sessions), "the later id left first")
        relay.wakeup.ring()
        await until(lambda: emptied(sales_sessions), "the earlier id left, too")

    assert await versions(kafka_bootstrap, prefix, 1) == [1]


async def test_what_kafka_did_not_acknowledge_stays_in_the_queue(
    sales_database: str, sales_sessions: Sessions, kafka_bootstrap: str, prefix: str
) -> None:
    async with sales_sessions.begin() as session:
        await outbox.stage(session, [declined(1, version) for version in (1, 2, 3)])

    async with relaying(sales_database, kafka_bootstrap, prefix) as relay:
        await asyncio.sleep(2)  # there are no topics: nothing can be acknowledged
        assert await scalar(sales_sessions, "SELECT count(*) FROM outbox_pending") == 3
        await create_topics(kafka_bootstrap, prefix)
        relay.wakeup.ring()
        await until(lambda: emptied(sales_sessions), "the queue emptied")

    assert await versions(kafka_bootstrap, prefix, 1) == [1, 2, 3]


async def test_an_event_the_broker_refuses_is_parked_and_the_others_arrive_once_in_order(
    sales_database: str, sales_sessions: Sessions, kafka_bootstrap: str, prefix: str
) -> None:
    """One partition, on which the broker takes record batches of 2,000 bytes only."""
    small = NewTopic(prefix + TOPIC, 1, 1, topic_configs={"max.message.bytes": "2000"})
    async with topics.admin(kafka_bootstrap) as client:
        await client.create_topics([small])
    async with sales_sessions.begin() as session:
        for version in range(1, 21):
            await outbox.stage(session, [declined(1, version), declined(2, version)])
        await outbox.stage(session, [too_large(), declined(1, 21)])

    async with relaying(sales_database, kafka_bootstrap, prefix):
        await until(lambda: emptied(sales_sessions), "the queue emptied", seconds=60)

    reader = [
        (key, version) for key, version, _ in await read_all(kafka_bootstrap, prefix + TOPIC, partitions=1)
    ]
    assert [version for key, version in reader if key == declined(1).key] == list(range(1, 22))
    assert [version for key, version in reader if key == declined(2).key] == list(range(1, 21))
    assert await scalar(sales_sessions, "SELECT count(*) FROM outbox_parked") == 1


@asynccontextmanager
async def consuming(
    sessions: Sessions, found: Subscriptions, bootstrap: str, prefix: str
) -> AsyncIterator[None]:
    delivery = Delivery(found, sessions)
    consumer = Consumer(delivery, [TOPIC], bootstrap=bootstrap, group="handoff", prefix=prefix)
    stopping = asyncio.Event()
    running = asyncio.create_task(consumer.run(stopping))
    try:
        yield
    finally:  # a consumer left running would outlive a test that fails, and hang the run
        stopping.set()
        await asyncio.wait_for(running, 15)


def away(tried: asyncio.Event) -> Subscriptions:
    """A service whose database is away whenever it has something to handle."""

    async def fail(context: Context, events: object) -> None:
        tried.set()
        raise InterfaceError("SELECT", None, OSError("the database is away"))

    found = Subscriptions(group="handoff")
    found.on(LeadDeclined, fail)
    return found


async def test_what_was_not_handled_is_read_again_by_the_next_consumer(
    sales_database: str, sales_sessions: Sessions, kafka_bootstrap: str, prefix: str
) -> None:
    """The topic is older than the group, and its first member stops without having handled anything."""
    await create_topics(kafka_bootstrap, prefix)
    await prepare(sales_sessions)
    async with sales_sessions.begin() as session:
        await outbox.stage(session, [declined(lead) for lead in range(30)])
    async with relaying(sales_database, kafka_bootstrap, prefix):
        await until(lambda: emptied(sales_sessions), "the queue emptied")

    tried = asyncio.Event()
    async with consuming(sales_sessions, away(tried), kafka_bootstrap, prefix):
        await asyncio.wait_for(tried.wait(), 20)
        await asyncio.sleep(0.5)  # time enough to commit what should not be committed

    async with consuming(sales_sessions, subscriptions(), kafka_bootstrap, prefix):

        async def all_seen() -> bool:
            return len(await seen(sales_sessions)) == 30

        await until(all_seen, "all thirty events were handled", seconds=20)


async def test_a_new_group_begins_at_the_beginning_of_the_log(
    sales_database: str, sales_sessions: Sessions, kafka_bootstrap: str, prefix: str
) -> None:
    """Facts of a lead are handled in order: once a later one was, an earlier one was, or never will be."""
    await create_topics(kafka_bootstrap, prefix)
    await prepare(sales_sessions)
    async with sales_sessions.begin() as session:
        await outbox.stage(session, [declined(1)])
    async with relaying(sales_database, kafka_bootstrap, prefix) as relay:
        await until(lambda: emptied(sales_sessions), "the first fact is in the log, and nobody reads it")
        async with consuming(sales_sessions, subscriptions(), kafka_bootstrap, prefix):
            version = 1
            # Where the group begins is decided at some moment: a later fact comes after it for certain.
            while not any(found > 1 for _, found in await seen(sales_sessions)):
                assert version < 60, "the group never handled anything"
                version += 1
                async with sales_sessions.begin() as session:
                    await outbox.stage(session, [declined(1, version)])
                relay.wakeup.ring()
                await asyncio.sleep(0.5)

    assert (await seen(sales_sessions))[0] == (1, 1)


async def test_what_comes_while_a_round_waits_for_its_turn_is_handled_with_it(
    sales_database: str,
    sales_sessions: Sessions,
    kafka_bootstrap: str,
    prefix: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Four events come while the second round waits for its turn: none is read and forgotten."""
    monkeypatch.setattr("shared.messaging.consumer.Pace", lambda: Pace(apart=1.5))
    await create_topics(kafka_bootstrap, prefix)
    await prepare(sales_sessions)

    async def handled(count: int) -> bool:
        return len(await seen(sales_sessions)) == count

    async with (
        relaying(sales_database, kafka_bootstrap, prefix),
        consuming(sales_sessions, subscriptions(), kafka_bootstrap, prefix),
    ):
        for lead in range(5):
            async with sales_sessions.begin() as session:
                await outbox.stage(session, [declined(lead)])
            # The first is a round of its own, from which the next one keeps its distance.
            await (until(lambda: handled(1), "the first was handled") if lead == 0 else asyncio.sleep(0.2))
        await until(lambda: handled(5), "all five events were handled", seconds=20)

    shared = await scalar(sales_sessions, "SELECT count(DISTINCT done_at) < count(*) FROM inbox")
    assert shared, "some shared a round"


async def test_an_event_that_cannot_be_handled_holds_up_no_other_partition(
    sales_database: str, sales_sessions: Sessions, kafka_bootstrap: str, prefix: str
) -> None:
    """A topic's partitions are handled together, and each alone when that fails."""
    await create_topics(kafka_bootstrap, prefix)
    await prepare(sales_sessions)
    async with sales_sessions.begin() as session:
        await outbox.stage(session, [declined(lead, version) for version in (1, 2) for lead in range(30)])
        await outbox.stage(session, [declined(7, 3, reason="poison"), declined(7, 4), declined(8, 3)])
    async with relaying(sales_database, kafka_bootstrap, prefix):
        await until(lambda: emptied(sales_sessions), "the queue emptied")

    async with consuming(sales_sessions, subscriptions(), kafka_bootstrap, prefix):

        async def all_done() -> bool:
            parked = await scalar(sales_sessions, "SELECT count(*) FROM parked_event")
            return parked == 2 and len(await seen(sales_sessions)) == 61

        await until(all_done, "all but the poison and what follows it were handled", seconds=20)

    handled = await seen(sales_sessions)
    for lead in range(30):
        assert [version for key, version in handled if key == lead] == [1, 2, 3][: 3 if lead == 8 else 2]


async def test_offsets_of_a_log_that_is_gone_are_not_told_to_the_new_one(
    sales_sessions: Sessions, kafka_bootstrap: str, prefix: str
) -> None:
    """A broker that came back empty knows no members, and takes offsets from anybody."""
    await create_topics(kafka_bootstrap, prefix)
    offsets = Offsets()
    client = AIOKafkaConsumer(
        prefix + TOPIC, bootstrap_servers=kafka_bootstrap, group_id=f"{prefix}g", enable_auto_commit=False
    )
    await client.start()
    try:
        partition = TopicPartition(prefix + TOPIC, 0)
        await until(client.assignment, "joining the group")
        offsets.note({partition: 5}, turn=offsets.turn)
        await offsets.commit(client)
        assert await client.committed(partition) == 5
        offsets.note({partition: 7}, turn=offsets.turn)
        await client._coordinator._maybe_leave_group()
        client._coordinator.reset_generation()
        await offsets.commit(client)
        assert await client.committed(partition) == 5
    finally:
        await client.stop()
