"""What waits: events staged and not yet sent, per database; records sent and not yet read, per group."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from deploy.local.stack.environment import Environment
from services.backlogs import QUEUES
from shared.database.sessions import connect
from shared.messaging import backlog, brokers, topics
from shared.messaging.backlog import PLUMBING, Backlog
from shared.services import SERVICES

PATIENCE_SECONDS = 5.0


@dataclass(frozen=True)
class Waiting:
    """Of one service; None where its server did not answer."""

    service: str
    outbox: int | None
    oldest_seconds: float | None
    parked: int | None
    lag: int | None
    others: Sequence[Backlog] = ()  # what else waits in it: deliveries, offers, leads


async def waiting(environment: Environment) -> list[Waiting]:
    """Outbox backlog and consumer lag of the three services."""
    lags, backlogs = await asyncio.gather(
        _lags(environment),
        asyncio.gather(*(_backlog(service, environment.database_url(service)) for service in SERVICES)),
    )
    return [
        _of_service(service, found, lags.get(service) if lags is not None else None)
        for service, found in zip(SERVICES, backlogs, strict=True)
    ]


def _of_service(service: str, found: Sequence[Backlog] | None, lag: int | None) -> Waiting:
    if found is None:
        return Waiting(service, None, None, None, lag)
    by_name = {each.queue: each for each in found}
    outbox, parked = by_name["outbox"], by_name["parked"]
    own = [each for each in found if each.number and each.queue not in {queue.name for queue in PLUMBING}]
    return Waiting(service, outbox.number, outbox.oldest_seconds, parked.number, lag, own)


async def _backlog(service: str, url: str) -> list[Backlog] | None:
    try:
        connection = await connect(url, application="leadloop-status")
    except (OSError, TimeoutError, asyncpg.PostgresError):
        return None
    try:
        return await backlog.read(connection, QUEUES[service])
    except (TimeoutError, asyncpg.PostgresError):
        return None
    finally:
        await connection.close()


async def _lags(environment: Environment) -> dict[str, int] | None:
    prefix = environment.values.get("TOPIC_PREFIX", "")
    found = await topics.lags(
        brokers.of(environment.kafka),
        [f"{prefix}{service}" for service in SERVICES],
        patience=PATIENCE_SECONDS,
    )
    return {service: found[f"{prefix}{service}"] for service in SERVICES} if found is not None else None
