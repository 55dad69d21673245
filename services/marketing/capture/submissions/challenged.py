"""Asking, between reading and settling, whether those who sent forms have passed their challenges."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Protocol

from services.marketing.capture.deliveries.claims import Claimed
from services.marketing.capture.sources.challenges import Outcome
from services.marketing.capture.sources.rules import FormSettings
from services.marketing.capture.submissions.reading import Answer, Found, Task
from shared import clock

# A token is good for two to five minutes and once: what waited longer, or was begun before, may be spent.
LATE = timedelta(minutes=1)


class Verify(Protocol):
    """Asks the service of a challenge about a token. Never raises."""

    async def __call__(self, provider: str, token: str, *, again: bool) -> Outcome: ...


async def challenged(
    claimed: Sequence[Claimed], tasks: Sequence[Task], answers: Sequence[Answer], verify: Verify
) -> list[Answer]:
    """The same answers, with what was said of each lead that a challenge stands before."""
    late = clock.now() - LATE

    async def one(claim: Claimed, task: Task, answer: Answer) -> Answer:
        provider = task.source.challenge if isinstance(task.source, FormSettings) else None
        if provider is None or not any(found.lead.challenge_token is not None for found in answer.found):
            return answer
        again = claim.attempts > 1 or task.raw.received_at < late
        ask = partial(verify, provider, again=again)
        return replace(answer, found=[await _judged(found, ask) for found in answer.found])

    together = (one(*each) for each in zip(claimed, tasks, answers, strict=True))
    return list(await asyncio.gather(*together))


async def _judged(found: Found, verify: Callable[[str], Awaitable[Outcome]]) -> Found:
    token = found.lead.challenge_token
    said = await verify(token) if token is not None else "unknown"
    if said not in ("passed", "failed"):
        return found
    return replace(found, lead=replace(found.lead, challenge=said))
