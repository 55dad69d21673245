"""Where a consumer begins, what shares a round, and what is told to Kafka. Real servers."""

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from sqlalchemy.exc import InterfaceError

from services.topics import create_topics
from shared import clock
from shared.database.sessions import Sessions
from shared.events.handoff import LeadDeclined
from shared.messaging import outbox
from shared.messaging.offsets import Offsets
from shared.messaging.subscriptions import Context, Subscriptions
from tests.shared.messaging.relaying import TOPIC, consuming, emptied, relaying, until
from tests.shared.messaging.testing import declined, prepare, scalar, seen, subscriptions


@pytest.fixture
def prefix() -> str:
    return f"t{clock.new_id().hex[-10:]}."


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
    async with consuming(sales_sessions, away(tried), kafka_bootstrap, prefix) as consumer:
        await asyncio.wait_for(tried.wait(), 20)
        await asyncio.sleep(0.5)  # time enough to commit what should not be committed
        assert consumer.lag[TOPIC] > 0, "what was read and not handled still waits"

    async with consuming(sales_sessions, subscriptions(), kafka_bootstrap, prefix) as consumer:

        async def all_seen() -> bool:
            return len(await seen(sales_sessions)) == 30

        async def nothing_waits() -> bool:
            return consumer.lag[TOPIC] == 0

        await until(all_seen, "all thirty events were handled", seconds=20)
        await until(nothing_waits, "nothing waits any more")


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


class Turn:
    """A pace whose second round waits until the test says so."""

    def __init__(self) -> None:
        self.rounds = 0
        self.has_come = asyncio.Event()

    async def next_round(self, *, of: int) -> None:
        self.rounds += 1
        if self.rounds == 2:
            await self.has_come.wait()


async def test_what_comes_while_a_round_waits_for_its_turn_is_handled_with_it(
    sales_database: str,
    sales_sessions: Sessions,
    kafka_bootstrap: str,
    prefix: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Three events come while the second round waits for its turn: none is read and forgotten."""
    turn = Turn()
    monkeypatch.setattr("shared.messaging.consumer.Pace", lambda: turn)
    await create_topics(kafka_bootstrap, prefix)
    await prepare(sales_sessions)

    async def handled(count: int) -> bool:
        return len(await seen(sales_sessions)) == count

    async with (
        relaying(sales_database, kafka_bootstrap, prefix),
        consuming(sales_sessions, subscriptions(), kafka_bootstrap, prefix) as consumer,
    ):
        for lead in range(2):
            async with sales_sessions.begin() as session:
                await outbox.stage(session, [declined(lead)])
            await until(lambda: turn.rounds > lead, "a round of this event alone")  # noqa: B023
        async with sales_sessions.begin() as session:
            await outbox.stage(session, [declined(lead) for lead in (2, 3, 4)])
        await until(lambda: consumer._client._fetcher._records, "more was fetched")  # type: ignore[union-attr]
        turn.has_come.set()
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
            parked = await scalar(sales_sessions, "SELECT count(*) FROM parked_events")
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
