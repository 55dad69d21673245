"""A challenge's service as its document describes it: `siteverify`, over real HTTP, each token good once.

Turnstile: developers.cloudflare.com/turnstile/get-started/server-side-validation.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from tests.support.over_http import over_http

SECRET = "a-secret-for-tests"


@dataclass
class SiteVerify:
    """`good` are tokens that a person's widget was given; `asked` those somebody asked about."""

    address: str = ""
    good: set[str] = field(default_factory=set)
    spent: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    status: int = 200
    hangs: float = 0

    async def answer(self, request: Request) -> Response:
        said = parse_qs((await request.body()).decode(), keep_blank_values=True)
        token = said.get("response", [""])[0]
        self.asked.append(token)
        await asyncio.sleep(self.hangs)
        if self.status != 200:
            return Response("away", self.status)
        return JSONResponse(self._judge(said.get("secret", [""])[0], token))

    def _judge(self, secret: str, token: str) -> dict[str, object]:
        if secret != SECRET:
            return {"success": False, "error-codes": ["invalid-input-secret"]}
        if not token:
            return {"success": False, "error-codes": ["missing-input-response"]}
        if token in self.spent:
            return {"success": False, "error-codes": ["timeout-or-duplicate"]}
        if token not in self.good:
            return {"success": False, "error-codes": ["invalid-input-response"]}
        self.spent.add(token)
        return {"success": True, "challenge_ts": "2026-11-27T08:00:00Z", "hostname": "www.example.com"}


@asynccontextmanager
async def site_verify() -> AsyncIterator[SiteVerify]:
    """Runs until the test is over."""
    service, app = SiteVerify(), FastAPI()
    app.post("/siteverify")(service.answer)
    async with over_http(app) as address:
        service.address = f"{address}/siteverify"
        yield service
