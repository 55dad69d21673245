"""The other end of a call between services, as a test says it answers."""

from collections.abc import Callable
from uuid import UUID

import httpx

from shared.auth.access import Caller, Role

ANA, BEN = UUID(int=1), UUID(int=2)
ANN, BEN_HIMSELF = (Caller("person", subject, roles=frozenset({Role.REP})) for subject in ("ann", "ben"))
Reply = Callable[[httpx.Request], httpx.Response]


class Marketing:
    """The other end: answers in turn what the test says, and keeps what it was asked."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.asked: list[httpx.Request] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self.replies[min(len(self.asked), len(self.replies)) - 1](request)


def card(id: UUID, **fields: str) -> dict[str, str]:
    return {"contact_id": str(id), "status": "available", "name": "Ana", **fields}


def says(*cards: dict[str, str]) -> Reply:
    return lambda _: httpx.Response(200, json={"items": cards})


def busy(_: httpx.Request) -> httpx.Response:
    return httpx.Response(503)


def down(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)
