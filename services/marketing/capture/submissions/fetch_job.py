"""Details of announced leads, asked for at the platform: outside of any transaction, by lease.

A lease is a short transaction, the question is none, the answer is stored in another one. A
process that dies meanwhile loses nothing: its leases run out and somebody else asks.
"""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from prometheus_client import Counter

from services.marketing.capture.connectors.endpoints import DetailsClient
from services.marketing.capture.connectors.rules import DetailsAnswer
from services.marketing.capture.sources import queries as sources
from services.marketing.capture.sources.rules import ConnectionSettings
from services.marketing.capture.submissions import writes
from services.marketing.capture.submissions.ready_job import process_ready
from services.marketing.capture.submissions.writes import Leased
from shared.database.sessions import Driver, Sessions, driver
from shared.observability import telemetry

AT_ONCE = 8
BATCH = 40
LEASE = timedelta(seconds=90)  # longer than a whole batch can take
SLOWEST = timedelta(hours=1)
MOST_ATTEMPTS = 48  # a day and a half at the slowest pace, like the platforms' own retries
log = structlog.get_logger()
asked = Counter(
    "leadloop_details_asked_total",
    "Questions to an ad platform about a lead, by what came of them.",
    ["step", "reason"],
    registry=telemetry.registry,
)
ALARMS = {
    "token": "The platform no longer accepts the connection's token: add a new one, then replay.",
    "permission": "The connection's token may not read leads: grant it, then replay.",
    "refused": "The platform does not give out this lead.",
}
UNANSWERED = "The platform did not answer for a day and a half."


@dataclass(slots=True)
class DetailsFetcher:
    """Asks the platforms for the details of leads they announced, each by the client of its kind."""

    clients: Mapping[str, DetailsClient]

    async def fetch(self, sessions: Sessions) -> int:
        """One round: lease what is due, ask, store, and process what came. How many were asked for."""
        async with sessions.begin() as session:
            connection = await driver(session)
            leased = await writes.lease(connection, most=BATCH, lease=LEASE)
            if not leased:
                return 0
            known = await sources.settings_by_id(connection, {one.source_id for one in leased})
        gate = asyncio.Semaphore(AT_ONCE)
        answers = await asyncio.gather(*(self._ask(one, known.get(one.source_id), gate) for one in leased))
        await self._store(sessions, dict(zip(leased, answers, strict=True)))
        await process_ready(sessions)
        return len(leased)

    async def _ask(self, one: Leased, source: object, gate: asyncio.Semaphore) -> DetailsAnswer:
        client = self.clients.get(source.kind) if isinstance(source, ConnectionSettings) else None
        if client is None or not isinstance(source, ConnectionSettings):
            return DetailsAnswer("refused", "source_gone")
        async with gate:
            answer = await client.ask(one.external_id, source)
        asked.labels(answer.step, answer.reason).inc()
        return answer

    async def _store(self, sessions: Sessions, answers: Mapping[Leased, DetailsAnswer]) -> None:
        waits = {one: answer for one, answer in answers.items() if answer.step == "wait"}
        tired = {one for one in waits if one.attempts >= MOST_ATTEMPTS}
        async with sessions.begin() as session:
            connection = await driver(session)
            await writes.store_details(
                connection, [(one.id, a.details) for one, a in answers.items() if a.step == "details"]
            )
            await writes.wait_again(
                connection,
                [
                    (one.id, answer.reason, pause(one.attempts, random.random()))
                    for one, answer in waits.items()
                    if one not in tired
                ],
            )
            for one, answer in answers.items():
                if answer.step in ALARMS or one in tired:
                    detail = answer.advice or ALARMS.get(answer.step, UNANSWERED)
                    await writes.quarantine(connection, one.id, answer.reason, detail)
            await self._note_health(connection, answers)

    async def _note_health(self, connection: Driver, answers: Mapping[Leased, DetailsAnswer]) -> None:
        """A connection that needs a person says so; one that gave details is well again."""
        well = {one.source_id for one, answer in answers.items() if answer.step == "details"}
        ill: dict[str, set[UUID]] = {}
        for one, answer in answers.items():
            if answer.step in ("token", "permission"):
                ill.setdefault(answer.reason, set()).add(one.source_id)
        for reason, ids in sorted(ill.items()):
            log.error("connection_needs_attention", reason=reason, connection_ids=sorted(map(str, ids)))
            await sources.set_health(connection, ids, "needs_attention", reason)
        if well - set().union(*ill.values()):
            await sources.set_health(connection, well - set().union(*ill.values()), "ok", None)


def pause(attempts: int, luck: float) -> timedelta:
    """How long to wait after so many attempts; `luck` in [0, 1) spreads the askers."""
    seconds: float = min(2.0 * 2 ** min(attempts, 12), SLOWEST.total_seconds())
    return timedelta(seconds=seconds * (0.5 + luck))
