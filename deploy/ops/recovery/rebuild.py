"""Filling the topics again from the outbox logs. Whoever has handled an event ignores it the second time.

No relay may send before the old events are back in the queue, or a reader who is behind would see a key's
new event before its old ones. So we hold every relay's lock, queue first, and make the topics last.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from deploy.ops.addresses import Addresses
from deploy.ops.reconcile.servers import UnreachableError
from services.topics import create_topics, topic_names
from shared.database.failures import NOT_REACHABLE, reason_of
from shared.database.sessions import Driver, connect
from shared.messaging import relay, topics
from shared.messaging.producer import BrokerError

COUNT = """
SELECT count(*) AS events, min(o.created_at) AS oldest,
       (SELECT min(created_at) FROM outbox) AS log_begins
FROM outbox o
WHERE o.created_at >= $1 AND NOT EXISTS (SELECT FROM outbox_parked k WHERE k.id = o.id)
"""
QUEUE = """
INSERT INTO outbox_pending (id, created_at)
SELECT o.id, o.created_at FROM outbox o
WHERE o.created_at >= $1 AND NOT EXISTS (SELECT FROM outbox_parked k WHERE k.id = o.id)
ON CONFLICT DO NOTHING
"""
LONGEST = 3600  # seconds; asyncpg takes "None" for its usual 12
LONG = {"statement_timeout": "0", "idle_in_transaction_session_timeout": "0"}


class RebuildRefusedError(RuntimeError):
    """It can't be done safely as things are; the text says what has to be done first."""


@dataclass(frozen=True, slots=True)
class Part:
    """What would be sent again of one service's log."""

    service: str
    events: int
    log_begins: datetime | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a rebuild will change, before it does."""

    since: datetime
    parts: tuple[Part, ...]
    missing_topics: tuple[str, ...]

    @property
    def events(self) -> int:
        return sum(part.events for part in self.parts)


async def plan(addresses: Addresses, services: Sequence[str], since: datetime) -> Plan:
    """Look at logs and topics. Raises UnreachableError."""
    parts = []
    for service in services:
        async with _connected(addresses, service) as connection:
            row = await connection.fetchrow(COUNT, since)
        assert row is not None
        parts.append(Part(service, row["events"], row["log_begins"]))
    assert addresses.kafka is not None
    try:
        async with topics.admin(addresses.kafka) as admin:
            there = set(await admin.list_topics())
    except (BrokerError, OSError) as error:
        raise UnreachableError(f"Kafka at {addresses.kafka} does not answer ({error})") from error
    missing = [name for name in topic_names() if addresses.prefix + name not in there]
    return Plan(since, tuple(parts), tuple(missing))


@asynccontextmanager
async def nobody_sends(addresses: Addresses) -> AsyncIterator[None]:
    """Hold the relay's lock of all three databases. Raises RebuildRefusedError while a worker has one."""
    async with AsyncExitStack() as stack:
        for service in addresses.databases:
            connection = await stack.enter_async_context(_connected(addresses, service))
            if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", relay.LOCK):
                raise RebuildRefusedError(
                    f"{service}'s worker is running. Stop all workers first, so that nothing is sent and "
                    "read before the old events are back; or, when no topic was lost, say --while-running."
                )
        yield


async def carry_out(addresses: Addresses, plan: Plan) -> Mapping[str, int]:
    """Queue what is planned, each log in one transaction, then make the missing topics.

    Returns how many events of each service were queued; those that waited already are not among them.
    """
    queued = {}
    for part in plan.parts:
        async with _connected(addresses, part.service) as connection:
            done = await connection.execute(QUEUE, plan.since, timeout=LONGEST)
        queued[part.service] = int(done.split()[-1])
    assert addresses.kafka is not None
    if plan.missing_topics:
        await create_topics(addresses.kafka, addresses.prefix)
        await topics.rewind(addresses.kafka, [addresses.prefix + name for name in addresses.databases])
    return queued


async def still_queued(addresses: Addresses) -> int:
    """How many events wait to be sent, in all three outboxes."""
    waiting = 0
    for service in addresses.databases:
        async with _connected(addresses, service) as connection:
            waiting += await connection.fetchval("SELECT count(*) FROM outbox_pending")
    return waiting


@asynccontextmanager
async def _connected(addresses: Addresses, service: str) -> AsyncIterator[Driver]:
    try:
        connection = await connect(addresses.databases[service], application="leadloop-rebuild", **LONG)
    except (*NOT_REACHABLE, TimeoutError, asyncpg.PostgresError) as error:
        said = reason_of(error) or error
        raise UnreachableError(f"the database of {service} does not answer ({said})") from error
    try:
        yield connection
    finally:
        await connection.close(timeout=3)
