"""What waits: events staged and not yet sent, per database; records sent and not yet read, per group."""

import asyncio
from dataclasses import dataclass

import asyncpg

from deploy.local.stack.environment import Environment
from shared.messaging import topics
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


async def waiting(environment: Environment) -> list[Waiting]:
    """Outbox backlog and consumer lag of the three services."""
    lags, backlogs = await asyncio.gather(
        _lags(environment),
        asyncio.gather(*(_backlog(environment.database_url(service)) for service in SERVICES)),
    )
    return [
        Waiting(service, *backlog, lags.get(service) if lags is not None else None)
        for service, backlog in zip(SERVICES, backlogs, strict=True)
    ]


async def _backlog(url: str) -> tuple[int | None, float | None, int | None]:
    try:
        connection = await asyncpg.connect(url, timeout=PATIENCE_SECONDS, command_timeout=PATIENCE_SECONDS)
    except (OSError, TimeoutError, asyncpg.PostgresError):
        return None, None, None
    try:
        row = await connection.fetchrow(
            """SELECT count(*), extract(epoch FROM now() - min(created_at))::float8,
                      (SELECT count(*) FROM parked_event WHERE state = 'parked')
                 FROM outbox_pending"""
        )
    except (TimeoutError, asyncpg.PostgresError):
        return None, None, None
    finally:
        await connection.close()
    assert row is not None
    return row[0], row[1], row[2]


async def _lags(environment: Environment) -> dict[str, int] | None:
    prefix = environment.values.get("TOPIC_PREFIX", "")
    found = await topics.lags(
        environment.values["KAFKA_BOOTSTRAP"],
        [f"{prefix}{service}" for service in SERVICES],
        patience=PATIENCE_SECONDS,
    )
    return {service: found[f"{prefix}{service}"] for service in SERVICES} if found is not None else None
