"""Marketing as the other services ask it, over real HTTP, with the answers a test gives."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request

from tests.support.over_http import over_http

Look = Callable[[], Awaitable[Any]]


@dataclass
class NextDoor:
    """`known` are the cards by contact id, `joinable` whom one may put on a deal.

    `asked` are the questions, each with the credential it came with. `look` is called while a question
    waits for its answer, and what it finds is kept in `seen`.
    """

    address: str = ""
    known: dict[str, dict[str, Any]] = field(default_factory=dict)
    joinable: list[str] = field(default_factory=list)
    hangs: float = 0
    asked: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    look: Look | None = None
    seen: list[Any] = field(default_factory=list)

    async def _hear(self, request: Request) -> dict[str, Any]:
        question: dict[str, Any] = await request.json()
        self.asked.append((request.url.path, request.headers["authorization"], question))
        if self.look is not None:
            self.seen.append(await self.look())
        await asyncio.sleep(self.hangs)
        return question

    async def cards(self, request: Request) -> dict[str, Any]:
        question = await self._hear(request)
        nobody = {"status": "withheld"}
        return {
            "items": [{"contact_id": one, **self.known.get(one, nobody)} for one in question["contact_ids"]]
        }

    async def holds(self, request: Request) -> dict[str, Any]:
        question = await self._hear(request)
        return {"contact_ids": [one for one in question["contact_ids"] if one in self.joinable]}


@asynccontextmanager
async def next_door() -> AsyncIterator[NextDoor]:
    """Runs until the test is over."""
    marketing, app = NextDoor(), FastAPI()
    app.post("/v1/contact-cards")(marketing.cards)
    app.post("/v1/contact-holds")(marketing.holds)
    async with over_http(app) as address:
        marketing.address = address
        yield marketing
