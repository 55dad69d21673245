"""Details of announced leads, asked for at the platform: outside of any transaction, by lease.

A lease is a short transaction, the question is none, the answer is stored in another one. A
process that dies meanwhile loses nothing: its leases run out and somebody else asks.
"""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote
from uuid import UUID

import httpx
import structlog
from prometheus_client import Counter

from services.marketing.capture.connectors.meta import rules
from services.marketing.capture.connectors.meta.rules import GraphAnswer
from services.marketing.capture.sources import queries as sources
from services.marketing.capture.sources.encryption import Sealer, SealError
from services.marketing.capture.sources.rules import ConnectionSettings
from services.marketing.capture.submissions import writes
from services.marketing.capture.submissions.jobs import process_ready
from services.marketing.capture.submissions.writes import Leased
from shared.database.sessions import Driver, Sessions, driver
from shared.http.limits import WEBHOOK_LIMIT
from shared.observability import telemetry

FIELDS = "id,created_time,ad_id,adset_id,campaign_id,form_id,is_organic,field_data"
AT_ONCE = 8
BATCH = 40
PATIENCE = 8.0  # seconds for one question; the lease is longer than a whole batch can take
LEASE = timedelta(seconds=90)
log = structlog.get_logger()
asked = Counter(
    "leadloop_details_asked_total",
    "Questions to an ad platform about a lead, by what came of them.",
    ["step", "reason"],
    registry=telemetry.registry,
)
ALARMS = {
    "token": "The access token is no longer accepted: add a new one to the connection, then replay.",
    "permission": "The access token may not read leads: grant leads_retrieval, then replay.",
    "refused": "The platform does not give out this lead.",
}


@dataclass(slots=True)
class DetailsFetcher:
    """Asks the Graph API for the details of Meta's leads."""

    base_url: str
    sealer: Sealer
    client: httpx.AsyncClient

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

    async def _ask(self, one: Leased, source: object, gate: asyncio.Semaphore) -> GraphAnswer:
        if not isinstance(source, ConnectionSettings):
            return GraphAnswer("refused", "source_gone")
        answer = GraphAnswer("token", "no_access_token")
        # The newest token first; an older one may still live while they are rotated.
        for sealed in reversed(source.sealed.get("access_token", ())):
            try:
                token = self.sealer.open(sealed, source.id)
            except SealError:
                return GraphAnswer("token", "token_unreadable")
            async with gate:
                answer = await self._ask_graph(one.external_id, token)
            if answer.step != "token":
                break
        asked.labels(answer.step, answer.reason).inc()
        return answer

    async def _ask_graph(self, leadgen_id: str, token: str) -> GraphAnswer:
        url = f"{self.base_url}/{quote(leadgen_id, safe='')}"
        headers = {"Authorization": f"Bearer {token}"}
        try:
            async with asyncio.timeout(PATIENCE):
                async with self.client.stream(
                    "GET", url, params={"fields": FIELDS}, headers=headers
                ) as response:
                    body = b""
                    async for part in response.aiter_bytes():
                        body += part
                        if len(body) > WEBHOOK_LIMIT:
                            return GraphAnswer("refused", "details_too_large")
        except TimeoutError:
            return GraphAnswer("wait", "graph_timeout")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            log.warning("graph_unreachable", error_type=type(error).__name__)
            return GraphAnswer("wait", "graph_unreachable")
        return rules.judge(response.status_code, body)

    async def _store(self, sessions: Sessions, answers: Mapping[Leased, GraphAnswer]) -> None:
        waits = {one: answer for one, answer in answers.items() if answer.step == "wait"}
        tired = {one for one in waits if one.attempts >= rules.MOST_ATTEMPTS}
        async with sessions.begin() as session:
            connection = await driver(session)
            await writes.store_details(
                connection, [(one.id, a.details) for one, a in answers.items() if a.step == "details"]
            )
            await writes.wait_again(
                connection,
                [
                    (one.id, answer.reason, rules.pause(one.attempts, random.random()))
                    for one, answer in waits.items()
                    if one not in tired
                ],
            )
            for one, answer in answers.items():
                if answer.step in ALARMS or one in tired:
                    detail = ALARMS.get(answer.step, "The platform did not answer for a day and a half.")
                    await writes.quarantine(connection, one.id, answer.reason, detail)
            await self._note_health(connection, answers)

    async def _note_health(self, connection: Driver, answers: Mapping[Leased, GraphAnswer]) -> None:
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


def graph_address(url: str, version: str) -> str:
    return f"{url.rstrip('/')}/{version}"


def new_client() -> httpx.AsyncClient:
    """A client for the Graph API. A redirect is not followed: the token goes to one place only."""
    return httpx.AsyncClient(timeout=httpx.Timeout(PATIENCE, connect=3), follow_redirects=False)
