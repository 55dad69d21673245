"""Details of LinkedIn's leads: the response, and its form, which says what the questions mean."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import httpx
import orjson
import structlog

from services.marketing.capture.connectors.linkedin import rules
from services.marketing.capture.connectors.rules import DetailsAnswer
from services.marketing.capture.sources.encryption import Sealer, SealError
from services.marketing.capture.sources.rules import ConnectionSettings
from services.marketing.settings import Settings
from shared.http.limits import WEBHOOK_LIMIT

PATIENCE = 8.0  # seconds for one question; the lease is longer than a whole batch can take
REMEMBER = 300.0  # seconds in which a form is not asked for again: its leads come in bursts
MOST_FORMS = 200
log = structlog.get_logger()
ADVICE = {
    "token": "The access token is no longer accepted: add a new one to the connection, then replay.",
    "permission": (
        "The access token may not read leads: grant r_marketing_leadgen_automation and a role at the "
        "owner's account, then replay."
    ),
    "linkedin_version": "LinkedIn no longer serves this version: set a newer LINKEDIN_VERSION, then replay.",
}


@dataclass(slots=True)
class LinkedInClient:
    """Asks LinkedIn for the details of one lead after the other."""

    base_url: str
    version: str
    sealer: Sealer
    client: httpx.AsyncClient
    _forms: dict[tuple[UUID, str], tuple[float, bytes]] = field(default_factory=dict)

    async def ask(self, external_id: str, connection: ConnectionSettings) -> DetailsAnswer:
        answer = await self._ask(external_id, connection)
        return replace(answer, advice=ADVICE.get(answer.reason) or ADVICE.get(answer.step))

    async def _ask(self, external_id: str, connection: ConnectionSettings) -> DetailsAnswer:
        answer = DetailsAnswer("token", "no_access_token")
        # The newest token first; an older one may still live while they are rotated.
        for sealed in reversed(connection.sealed.get("access_token", ())):
            try:
                token = self.sealer.open(sealed, connection.id)
            except SealError:
                return DetailsAnswer("token", "token_unreadable")
            answer = await self._ask_for_both(external_id, connection, token)
            if answer.step != "token":
                break
        return answer

    async def _ask_for_both(
        self, external_id: str, connection: ConnectionSettings, token: str
    ) -> DetailsAnswer:
        """The lead, then its form. A form that is gone keeps nobody waiting: the answers are kept so."""
        id_ = rules.response_id(external_id)
        if id_ is None:
            return DetailsAnswer("refused", "linkedin_id")
        answer = await self._ask_linkedin(f"leadFormResponses/{id_}", token)
        if answer.step != "details":
            return answer
        form_id = rules.form_id(_form_of(answer.details))
        form = await self._form(form_id, connection, token) if form_id else None
        if form is not None and form.step not in ("details", "refused"):
            return form
        return replace(answer, details=rules.together(answer.details, form.details if form else None))

    async def _form(self, form_id: str, connection: ConnectionSettings, token: str) -> DetailsAnswer:
        key, now = (connection.id, form_id), time.monotonic()
        known = self._forms.get(key)
        if known is not None and known[0] > now:
            return DetailsAnswer("details", "", known[1])
        answer = await self._ask_linkedin(f"leadForms/{form_id}", token)
        if answer.step == "details":
            if len(self._forms) >= MOST_FORMS:
                self._forms.clear()
            self._forms[key] = (now + REMEMBER, answer.details)
        return answer

    async def _ask_linkedin(self, path: str, token: str) -> DetailsAnswer:
        headers = {
            "Authorization": f"Bearer {token}",
            "LinkedIn-Version": self.version,
            "X-Restli-Protocol-Version": "2.0.0",
        }
        try:
            async with asyncio.timeout(PATIENCE):
                url = f"{self.base_url}/rest/{path}"
                async with self.client.stream("GET", url, headers=headers) as response:
                    body = b""
                    async for part in response.aiter_bytes():
                        body += part
                        if len(body) > WEBHOOK_LIMIT:
                            return DetailsAnswer("refused", "details_too_large")
        except TimeoutError:
            return DetailsAnswer("wait", "linkedin_timeout")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            log.warning("linkedin_unreachable", error_type=type(error).__name__)
            return DetailsAnswer("wait", "linkedin_unreachable")
        return rules.judge(response.status_code, body)


def _form_of(response: bytes) -> Any:
    values = orjson.loads(response)
    return values.get("versionedLeadGenFormUrn") if isinstance(values, dict) else None


@asynccontextmanager
async def open_client(settings: Settings, sealer: Sealer) -> AsyncIterator[LinkedInClient]:
    """A client for LinkedIn. A redirect is not followed: the token goes to one place only."""
    timeout = httpx.Timeout(PATIENCE, connect=3)
    async with httpx.AsyncClient(timeout=timeout, follow_redirects=False) as client:
        yield LinkedInClient(settings.linkedin_url.rstrip("/"), settings.linkedin_version, sealer, client)
