"""Details of Meta's leads, asked for at the Graph API."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from urllib.parse import quote

import httpx
import structlog

from services.marketing.capture.connectors.meta import rules
from services.marketing.capture.connectors.rules import DetailsAnswer
from services.marketing.capture.sources.encryption import Sealer, SealError
from services.marketing.capture.sources.rules import ConnectionSettings
from services.marketing.settings import Settings
from shared.http.limits import WEBHOOK_LIMIT

FIELDS = (
    "id,created_time,ad_id,adset_id,campaign_id,form_id,is_organic,platform,field_data,"
    "custom_disclaimer_responses"
)
PATIENCE = 8.0  # seconds for one question; the lease is longer than a whole batch can take
log = structlog.get_logger()
ADVICE = {
    "token": "The access token is no longer accepted: add a new one to the connection, then replay.",
    "permission": "The access token may not read leads: grant leads_retrieval, then replay.",
}


@dataclass(slots=True)
class GraphClient:
    """Asks the Graph API for the details of one lead after the other."""

    base_url: str
    sealer: Sealer
    client: httpx.AsyncClient

    async def ask(self, external_id: str, connection: ConnectionSettings) -> DetailsAnswer:
        answer = await self._ask(external_id, connection)
        return replace(answer, advice=ADVICE.get(answer.step))

    async def _ask(self, external_id: str, connection: ConnectionSettings) -> DetailsAnswer:
        answer = DetailsAnswer("token", "no_access_token")
        # The newest token first; an older one may still live while they are rotated.
        for sealed in reversed(connection.sealed.get("access_token", ())):
            try:
                token = self.sealer.open(sealed, connection.id)
            except SealError:
                return DetailsAnswer("token", "token_unreadable")
            answer = await self._ask_graph(external_id, token)
            if answer.step != "token":
                break
        return answer

    async def _ask_graph(self, leadgen_id: str, token: str) -> DetailsAnswer:
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
                            return DetailsAnswer("refused", "details_too_large")
        except TimeoutError:
            return DetailsAnswer("wait", "graph_timeout")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            log.warning("graph_unreachable", error_type=type(error).__name__)
            return DetailsAnswer("wait", "graph_unreachable")
        return rules.judge(response.status_code, body)


@asynccontextmanager
async def open_client(settings: Settings, sealer: Sealer) -> AsyncIterator[GraphClient]:
    """A client for the Graph API. A redirect is not followed: the token goes to one place only."""
    address = f"{settings.meta_graph_url.rstrip('/')}/{settings.meta_graph_version}"
    timeout = httpx.Timeout(PATIENCE, connect=3)
    async with httpx.AsyncClient(timeout=timeout, follow_redirects=False) as client:
        yield GraphClient(address, sealer, client)
