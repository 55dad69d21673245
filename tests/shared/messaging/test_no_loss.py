"""What must not get lost between outbox, Kafka and handler when things go wrong half-way. Real servers."""

import asyncio
from typing import Any

import pytest
from aiokafka.admin import NewTopic

from services.topics import create_topics
from shared import clock
from shared.database.sessions import Sessions
from shared.messaging import outbox, topics
from tests.shared.messaging.relaying import TOPIC, emptied, read_all, relaying, until
from tests.shared.messaging.testing import declined, scalar, too_large


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
    sales_database: str,
    sales_sessions: Sessions,
    kafka_bootstrap: str,
    prefix: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """There are no topics: whatever the relay hands to its producer, nothing can be acknowledged."""
    async with sales_sessions.begin() as session:
        await outbox.stage(session, [declined(1, version) for version in (1, 2, 3)])

    async with relaying(sales_database, kafka_bootstrap, prefix) as relay:
        handed_over, send = asyncio.Event(), relay._producer.send

        async def noticed(*rows: Any, **how: Any) -> Any:
            handed_over.set()
            return await send(*rows, **how)

        monkeypatch.setattr(relay._producer, "send", noticed)
        await asyncio.wait_for(handed_over.wait(), 30)
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
