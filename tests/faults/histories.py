"""What each client did and what it was told. The ledger holds the tables against it.

`ok`: it must be there exactly once. `refused`: it must not be there. `unknown`: at most once.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from tests.faults.client import Door, NoAnswerError, NothingSentError, Reply

Outcome = Literal["ok", "refused", "unknown"]
Kind = Literal["capture", "accept", "return", "stage", "win", "lose", "amend", "refund", "reopen"]
COME_BACK = (b"/key-in-use", b"/busy")  # problems that ask for the same request a little later


@dataclass(slots=True)
class Request:
    """One wish of a client, however often it had to be sent."""

    kind: Kind
    key: str  # its Idempotency-Key
    subject: str = ""  # the offer, or the deal
    size: int = 0  # how many leads
    amount: int = 0  # minor units
    detail: str = ""  # the stage a deal moves to
    outcome: Outcome = "unknown"
    tries: int = 0
    answer: str = ""  # what a success named


@dataclass(slots=True)
class Histories:
    """All requests of a segment, in the order they were made."""

    requests: list[Request] = field(default_factory=list)

    def note(self, request: Request) -> Request:
        self.requests.append(request)
        return request

    def of(self, *kinds: Kind) -> list[Request]:
        return [request for request in self.requests if request.kind in kinds]

    def outcomes(self) -> Counter[str]:
        return Counter(request.outcome for request in self.requests)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a client insists. A careless one gives up as soon as it does not know."""

    seconds: float = 90
    careless: bool = False


async def insist(
    door: Door, request: Request, method: str, path: str, body: Any, *, headers: str, patience: Patience,
    rng: Random,
) -> Reply | None:  # fmt: skip
    """Send it, with the same key, until the answer is known; sets the outcome. None: there is no answer."""
    deadline = asyncio.get_running_loop().time() + patience.seconds
    maybe_done = False
    while True:
        request.tries += 1
        reply: Reply | None = None
        try:
            reply = await door.ask(
                method, path, body, headers=f'{headers}idempotency-key: "{request.key}"\r\n'
            )
        except NothingSentError:
            pass
        except NoAnswerError:
            maybe_done = True
        if reply is not None:
            if 200 <= reply.status < 300:
                request.outcome = "ok"
                return reply
            maybe_done = maybe_done or reply.status >= 500
            if reply.status < 500 and reply.status != 429 and not _wants_patience(reply):
                request.outcome = "unknown" if maybe_done else "refused"
                return reply
        over = asyncio.get_running_loop().time() > deadline
        if over or (patience.careless and maybe_done):
            request.outcome = "unknown" if maybe_done else "refused"
            return None
        await asyncio.sleep(rng.uniform(0.05, 0.3) * min(request.tries, 5))


def _wants_patience(reply: Reply) -> bool:
    return reply.status == 409 and any(slug in reply.body for slug in COME_BACK)
