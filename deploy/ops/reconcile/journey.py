"""What is on its way: events to be sent and records to be read, and waiting until those have arrived."""

import asyncio
import time
from collections.abc import Mapping

from deploy.ops.reconcile.findings import Waiting
from deploy.ops.reconcile.servers import Databases
from deploy.ops.reconcile.topics import Offsets, TopicLog
from services.backlogs import QUEUES
from shared.messaging.backlog import PLUMBING, Backlog, read
from shared.services import SERVICES

LOOK_EVERY = 0.2
BACKLOG = """
SELECT count(*) AS pending, extract(epoch FROM now() - min(created_at))::float8 AS oldest,
       coalesce(max(id), 0) AS newest, coalesce(min(id), 0) AS first,
       (SELECT count(*) FROM parked_events WHERE state = 'parked') AS parked
FROM outbox_pending
"""


async def arrived(databases: Databases, log: TopicLog | None, deadline: float) -> bool:
    """Wait until what is pending now was sent and then read. False when that took longer than there is."""
    newest: dict[str, int] = {}
    for service in SERVICES:
        newest[service] = (await _backlog(databases, service))["newest"]
    while any([await _is_pending(databases, service, upto) for service, upto in newest.items()]):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(LOOK_EVERY)
    if log is None:
        return True
    ends = await log.ends()
    while any([await log.lag(service, ends) for service in SERVICES]):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(LOOK_EVERY)
    return True


async def waiting(databases: Databases, log: TopicLog | None) -> list[Waiting]:
    """What is on its way at this moment, by service."""
    ends: Offsets = await log.ends() if log else {}
    found = []
    for service in SERVICES:
        backlog = await _backlog(databases, service)
        lag = None
        if log:
            lag = await log.lag(service, ends)
        others = await _others(databases, service)
        found.append(Waiting(service, backlog["pending"], backlog["oldest"], lag, backlog["parked"], others))
    return found


async def _backlog(databases: Databases, service: str) -> Mapping[str, int]:
    async with databases.reading(service) as connection:
        row = await connection.fetchrow(BACKLOG)
    assert row is not None
    return dict(row)


async def _others(databases: Databases, service: str) -> tuple[Backlog, ...]:
    queues = [queue for queue in QUEUES[service] if queue not in PLUMBING]
    if not queues:
        return ()
    async with databases.reading(service) as connection:
        return tuple(await read(connection, queues))


async def _is_pending(databases: Databases, service: str, upto: int) -> bool:
    if not upto:
        return False
    async with databases.reading(service) as connection:
        found: bool = await connection.fetchval(
            "SELECT EXISTS (SELECT FROM outbox_pending WHERE id <= $1)", upto
        )
    return found
