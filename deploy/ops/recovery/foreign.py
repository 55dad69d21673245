"""Taking back what events did that no outbox of ours sent.

Each service forgets what it had from the keys such events are of, and hears again, in the same transaction,
what is true of them: from the publisher's log, or from its rows when the log no longer goes back that far.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from deploy.ops.addresses import Addresses
from deploy.ops.reconcile.equations.events import COUNTERS, listened_topics
from deploy.ops.reconcile.published import unknown_ids
from deploy.ops.reconcile.servers import opened
from deploy.ops.reconcile.topics import TopicLog
from shared import clock
from shared.database.sessions import Sessions, create_engine, create_sessions, database_time, driver
from shared.events.envelope import Envelope, Event
from shared.messaging import foreign
from shared.messaging.cloudevents import Unreadable, decode
from shared.messaging.subscriptions import Context, Subscriptions
from shared.services import SERVICES

LOG = """
SELECT event_id, key, type, version, traceparent, data, created_at FROM outbox
WHERE topic = $1 AND key = ANY($2::text[]) ORDER BY id
"""
LOGGED = "SELECT event_id FROM outbox WHERE event_id = ANY($1::uuid[])"
NOTE = "No outbox sent it; what it did was taken back."


class NotForeignError(RuntimeError):
    """What was named is an event of ours, or is on no topic, or can't be taken back; the text says which."""


@dataclass(frozen=True, slots=True)
class Found:
    """A foreign event as it is on its topic, and the services that have handled it."""

    event: Envelope | Unreadable
    handled_by: tuple[str, ...]


@dataclass(slots=True)
class Withdrawn:
    """What one service did: how many foreign events it gave up, and how many true ones it heard again."""

    service: str
    given_up: int = 0
    told_again: int = 0


@dataclass(slots=True)
class _Wanted:
    """Takes the records of these ids from what is read of the topics."""

    ids: Collection[bytes]
    prefix: str
    found: dict[UUID, Envelope | Unreadable] = field(default_factory=dict)

    def add_records(self, records: Sequence[Any], end: int) -> int:
        for record in records:
            if record.offset < end:
                event = decode(record, prefix=self.prefix)
                if event.id.bytes in self.ids:
                    self.found.setdefault(event.id, event)
        return 0


async def find(addresses: Addresses, ids: Collection[UUID] | None) -> list[Found]:
    """These foreign events, or all there are that were not withdrawn yet, in the order of their topics.

    Raises NotForeignError for one that a log knows or no topic has; UnreachableError.
    """
    async with (
        opened(addresses.databases) as databases,
        TopicLog.opened(addresses) as log,
    ):
        assert log is not None
        wanted = {one.bytes for one in ids} if ids is not None else await unknown_ids(log, databases)
        collected = _Wanted(wanted, addresses.prefix)
        await log.read(await log.ends(), collected, on_read=lambda _: None)
    events = sorted(collected.found.values(), key=lambda one: (one.topic, one.partition, one.offset))
    if ids is not None:
        await _insist(addresses, ids, collected.found)
    async with _all_sessions(addresses) as sessions:
        handled = {service: await _handled(sessions[service], events) for service in SERVICES}
    return [
        Found(event, tuple(service for service in SERVICES if event.id in handled[service]))
        for event in events
    ]


async def withdraw(addresses: Addresses, found: Sequence[Found]) -> list[Withdrawn]:
    """Take back what these did, each service in a transaction, all of which end together. Raises
    NotForeignError, with nothing changed, when a key's true events can't be told again.
    """
    events = [one.event for one in found]
    async with _all_sessions(addresses) as sessions, AsyncExitStack() as transactions:
        done = []
        for service in SERVICES:
            session = await transactions.enter_async_context(sessions[service].begin())
            done.append(await _withdraw_in(service, session, sessions, events))
        return done


async def _withdraw_in(
    service: str,
    session: AsyncSession,
    sessions: Mapping[str, Sessions],
    events: Sequence[Envelope | Unreadable],
) -> Withdrawn:
    topics = listened_topics(service)
    mine = [event for event in events if event.topic in topics]
    done = Withdrawn(service, given_up=len(mine))
    if not mine:
        return done
    subscriptions = _subscriptions(service)
    await foreign.hold_still(session, topics)
    context = Context(session, now=await database_time(session))
    for topic in sorted({event.topic for event in mine}):
        of_topic = [one for one in mine if one.topic == topic and isinstance(one, Envelope)]
        done.told_again += await _take_back(context, subscriptions, topic, of_topic, sessions)
    await foreign.give_up(session, mine, note=NOTE)
    return done


async def _take_back(
    context: Context,
    subscriptions: Subscriptions,
    topic: str,
    forged: Sequence[Envelope],
    sessions: Mapping[str, Sessions],
) -> int:
    forget = subscriptions.forgetting(topic)
    said = foreign.read(forged)
    if forget is None or not said:
        return 0
    true = await _true(sessions, topic, {event.key for event in said})
    again = await forget(context, said, foreign.read(true))
    told = await _true(sessions, topic, again) if again else []
    heard = [one for one in told if subscriptions.event_class(one.type) is not None]
    await subscriptions.handle(context, heard)
    return len(heard)


async def _true(sessions: Mapping[str, Sessions], topic: str, keys: Collection[str]) -> list[Envelope]:
    """What is true of these keys: the log's events where it has all of them, else the rows told anew."""
    publisher = topic.partition(".")[0]
    async with sessions[publisher]() as session:
        connection = await driver(session)
        rows = await connection.fetch(LOG, topic, list(keys))
        counters = f"SELECT * FROM ({COUNTERS[publisher][topic]}) AS c(key, counter)"
        found = await connection.fetch(f"{counters} WHERE key = ANY($1::text[])", list(keys))
        counted = {row["key"]: row["counter"] for row in found}
        versions: dict[str, set[int]] = {}
        for row in rows:
            versions.setdefault(row["key"], set()).add(row["version"])
        gaps = [key for key in counted if versions.get(key) != set(range(1, counted[key] + 1))]
        told = await _told(session, publisher, topic, gaps) if gaps else []
    return [_sent(topic, row) for row in rows if row["key"] not in gaps] + told


async def _told(session: AsyncSession, publisher: str, topic: str, keys: Sequence[str]) -> list[Envelope]:
    tell = _subscriptions(publisher).telling(topic)
    if tell is None:
        raise NotForeignError(
            f"the log of {publisher} no longer has all events of {topic} {keys[0]}, so what is true of it "
            "can't be told again: see docs/reconcile.md#foreign"
        )
    return [_envelope(topic, event) for event in await tell(session, keys)]


def _sent(topic: str, row: Any) -> Envelope:
    return Envelope(
        id=row["event_id"],
        type=row["type"],
        key=row["key"],
        time=row["created_at"],
        data=row["data"],
        topic=topic,
        traceparent=row["traceparent"],
    )


def _envelope(topic: str, event: Event) -> Envelope:
    now, identity = clock.now(), clock.new_id()
    return Envelope(id=identity, type=event.type, key=event.key, time=now, data=event.data(), topic=topic)


async def _insist(
    addresses: Addresses, ids: Collection[UUID], found: Mapping[UUID, Envelope | Unreadable]
) -> None:
    """That each is on a topic and in no log. Raises NotForeignError."""
    if missing := [one for one in ids if one not in found]:
        raise NotForeignError(f"no topic has event {missing[0]}.")
    async with _all_sessions(addresses) as sessions:
        for service in SERVICES:
            async with sessions[service]() as session:
                ours = await (await driver(session)).fetch(LOGGED, list(ids))
            if ours:
                raise NotForeignError(f"event {ours[0]['event_id']} is in the log of {service}: it is ours.")


async def _handled(sessions: Sessions, events: Sequence[Envelope | Unreadable]) -> set[UUID]:
    async with sessions() as session:
        rows = await (await driver(session)).fetch(
            "SELECT event_id FROM inbox WHERE event_id = ANY($1::uuid[])", [event.id for event in events]
        )
    return {row["event_id"] for row in rows}


def _subscriptions(service: str) -> Subscriptions:
    found: Subscriptions = import_module(f"services.{service}.subscriptions").subscriptions
    return found


@asynccontextmanager
async def _all_sessions(addresses: Addresses) -> AsyncIterator[dict[str, Sessions]]:
    async with AsyncExitStack() as stack:
        found: dict[str, Sessions] = {}
        for service in SERVICES:
            engine = create_engine(addresses.databases[service], pool_size=2, application="leadloop-operator")
            stack.push_async_callback(engine.dispose)
            found[service] = create_sessions(engine)
        yield found
