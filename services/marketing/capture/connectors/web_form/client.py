"""Asking a challenge's service whether whoever sent a form has passed, before anything is settled."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import structlog

from services.marketing.capture.sources.challenges import LONGEST_TOKEN, PROVIDERS, Outcome, outcome
from services.marketing.settings import Settings
from shared.clients.breaker import Breaker
from shared.observability import metrics

PATIENCE = 2.0  # seconds; a batch waits for the slowest of its questions
AT_ONCE = 20
log = structlog.get_logger()


@dataclass(slots=True)
class Challenges:
    """One for all forms. A service that is away costs a batch two seconds, and then nothing for five."""

    secrets: Mapping[str, str]
    addresses: Mapping[str, str]
    client: httpx.AsyncClient
    _gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _breakers: dict[str, Breaker] = field(default_factory=dict)

    async def verify(self, provider: str, token: str, *, again: bool) -> Outcome:
        """What the service says of this token. Never raises; `unknown` when it does not answer."""
        if not token or len(token) > LONGEST_TOKEN:
            found: Outcome = "failed"
        else:
            async with self._gate:
                found = await self._ask(provider, token, again=again)
        metrics.challenges.labels(provider, found).inc()
        return found

    async def _ask(self, provider: str, token: str, *, again: bool) -> Outcome:
        breaker = self._breakers.setdefault(provider, Breaker())
        secret = self.secrets.get(provider)
        if secret is None:
            log.error("challenge_without_secret", setting="CHALLENGE_SECRETS", kind=provider)
            return "refused"
        if not breaker.lets_through(time.monotonic()):
            return "unknown"
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self.client.post(
                    self.addresses.get(provider, PROVIDERS[provider].address),
                    data={"secret": secret, "response": token},
                )
            found = outcome(answer.json() if answer.is_success else None, again=again)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError) as error:
            log.warning("challenge_unreachable", kind=provider, error_type=type(error).__name__)
            found = "unknown"
        breaker.note(time.monotonic(), answered=found != "unknown")
        if found == "refused":
            log.error("challenge_refused", setting="CHALLENGE_SECRETS", kind=provider)
        return found


@asynccontextmanager
async def open_challenges(settings: Settings) -> AsyncIterator[Challenges]:
    """A client for the services. A redirect is not followed: the secret goes to one place only."""
    async with httpx.AsyncClient(timeout=PATIENCE, follow_redirects=False, trust_env=False) as client:
        yield Challenges(settings.secrets_of_challenges(), settings.addresses_of_challenges(), client)
