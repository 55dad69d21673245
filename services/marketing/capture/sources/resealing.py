"""Whether the keys at hand open what is stored, and sealing it anew with the newest."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from services.marketing.capture.sources import queries, writes
from services.marketing.capture.sources.encryption import Sealer, SealError
from shared.database.sessions import Sessions, driver

BATCH = 500
WRONG_KEY = (
    "SECRETS_KEY does not open the stored secrets of connections: "
    "add the key they were stored with, after a comma"
)


@dataclass(slots=True)
class Resealed:
    """What became of the secrets there are, as counts. Digests are those of before secrets were sealed."""

    anew: int = 0
    already: int = 0
    unopened: int = 0
    digests: int = 0


def secrets_check(sessions: Sessions, sealer: Sealer) -> Callable[[], Awaitable[str | None]]:
    """For readiness: opens the oldest and the newest secret. A key that was changed opens not both."""

    async def check() -> str | None:
        try:
            async with asyncio.timeout(2), sessions() as session:
                rows = await queries.outermost_secrets(await driver(session))
        except (PoolTimeoutError, TimeoutError):
            return None  # a full pool says nothing of the key, and must not take the process out of service
        try:
            for row in rows:
                sealer.open(row["sealed"], row["connection_id"])
        except SealError:
            return WRONG_KEY
        return None

    return check


async def reseal(sessions: Sessions, sealer: Sealer) -> Resealed:
    """Seal with the newest key what older ones sealed, in batches, while all goes on. May be run again."""
    found, after = Resealed(), UUID(int=0)
    while True:
        async with sessions.begin() as session:
            connection = await driver(session)
            rows = await queries.secrets_after(connection, after, most=BATCH)
            for row in rows:
                if row["sealed"] is None:
                    found.digests += 1
                    continue
                try:
                    anew = sealer.reseal(row["sealed"], row["connection_id"])
                except SealError:
                    found.unopened += 1
                    continue
                if anew is None:
                    found.already += 1
                else:
                    found.anew += await writes.reseal(connection, row["id"], row["sealed"], anew)
        if len(rows) < BATCH:
            return found
        after = rows[-1]["id"]
