"""Asking another service: short timeouts, one retry with jitter, a token for that service alone.

Only for a question whose answer must be fresh, and never inside a transaction: while it waits, a
transaction would hold a connection and its locks.
"""

import asyncio
import json
import time
from contextlib import suppress
from pathlib import Path
from random import uniform
from typing import Any

import httpx
from structlog import get_logger

from shared.auth import tokens
from shared.clients.breaker import Breaker
from shared.observability import telemetry
from shared.settings import CommonSettings

TIMEOUT = httpx.Timeout(connect=0.5, read=2, write=2, pool=0.5)
LIMITS = httpx.Limits(max_connections=20, max_keepalive_connections=10, keepalive_expiry=30)
RETRY_WITHIN = 0.2  # seconds; full jitter, so that many callers don't return together
REFRESH_BEFORE = 15  # seconds of a token's life that must be left
TRY_AGAIN = frozenset({429, 502, 503, 504})

log = get_logger()


class Unreachable(Exception):  # noqa: N818 - a state of the other service, which callers expect and handle
    """The other service did not give an answer in time. Go on without it."""


class ServiceClient:
    """Calls of one service to another. Close it at the stop of the process."""

    def __init__(
        self,
        base_url: str,
        service_name: str,
        audience: str,
        settings: CommonSettings,
        *,
        for_pages: bool = False,
    ) -> None:
        """`service_name` calls `audience`. Raises SettingsError without a key to sign with.

        `for_pages`: those who ask go on without the answer, so one that does not come is enough to ask no
        more, and none of them waits to see whether it comes again.
        """
        settings.require("service_key_file")
        self._key: tokens.Jwk = json.loads(Path(str(settings.service_key_file)).read_text())
        self._base_url = base_url
        self._caller = service_name
        self._callee = audience
        self._token = ("", 0.0)
        self._client = self._new_client()
        self._breaker = Breaker(1) if for_pages else Breaker()
        self._for_pages = for_pages
        self._looking: asyncio.Task[Any] | None = None

    async def post_json(self, path: str, body: Any, *, within: float | None = None) -> Any:
        """The JSON the other service answers. Raises Unreachable for anything but a 2xx with JSON.

        Sent twice at most, so only for questions and for what may happen twice; `within` so many seconds.
        """
        if not self._breaker.lets_through(time.monotonic()):
            raise Unreachable(f"{self._callee} did not answer lately and is not asked now")
        if self._for_pages and self._breaker.is_broken:
            self._looking = asyncio.create_task(self._look(path, body))
            raise Unreachable(f"{self._callee} did not answer lately; it is asked whether it does again")
        return await self._counted(path, body, within)

    async def _look(self, path: str, body: Any) -> None:
        with suppress(Unreachable):
            await self._counted(path, body, None)

    async def _counted(self, path: str, body: Any, within: float | None) -> Any:
        try:
            async with asyncio.timeout(within):
                answer = await self._ask(path, body)
        except TimeoutError:
            self._breaker.note(time.monotonic(), answered=False)
            log.warning("service_unreachable", service=self._callee, reason="TimeoutError")
            raise Unreachable(f"{self._callee} did not answer in time") from None
        except Unreachable:
            self._breaker.note(time.monotonic(), answered=False)
            raise
        self._breaker.note(time.monotonic(), answered=True)
        return answer

    async def _ask(self, path: str, body: Any) -> Any:
        for last in (False, True):
            try:
                response = await self._client.post(path, json=body, headers=self._headers())
                if response.is_success:
                    return response.json()
                reason = str(response.status_code)
                last = last or response.status_code not in TRY_AGAIN
            except httpx.PoolTimeout as error:
                # httpx leaks the pool's slots of cancelled requests (#1093): a new pool has them all.
                await self._replace_client()
                reason = type(error).__name__
            except (httpx.HTTPError, ValueError) as error:
                reason = type(error).__name__
            if last:
                break
            await asyncio.sleep(uniform(0, RETRY_WITHIN))
        log.warning("service_unreachable", service=self._callee, reason=reason)
        raise Unreachable(f"{self._callee} did not answer: {reason}")

    async def close(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
        await self._client.aclose()

    def _headers(self) -> dict[str, str]:
        now = time.time()
        if now > self._token[1] - REFRESH_BEFORE:
            token = tokens.sign_for_service(self._key, caller=self._caller, callee=self._callee, now=now)
            self._token = (token, now + tokens.SERVICE_SECONDS)
        headers = {"Authorization": f"Bearer {self._token[0]}"}
        parent = telemetry.current_traceparent()
        return headers if parent is None else {**headers, "traceparent": parent}

    def _new_client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self._base_url, timeout=TIMEOUT, limits=LIMITS, follow_redirects=False, trust_env=False
        )

    async def _replace_client(self) -> None:
        old, self._client = self._client, self._new_client()
        await old.aclose()
