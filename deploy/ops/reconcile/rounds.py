"""Looking again: no order of reading is a cut through a loop, so only what stays is a difference.

A first round reads every equation. What differs is read again once everything that was on its way then has
arrived. A difference is real when neither side has moved meanwhile; while one moves, we look again, for as
long as the caller has patience.
"""

import asyncio
import time
from collections.abc import Collection, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta

from deploy.ops.addresses import Addresses
from deploy.ops.reconcile import explaining, journey, published
from deploy.ops.reconcile.comparing import KEPT, Compared, compare
from deploy.ops.reconcile.equations import EQUATIONS, Equation, Since
from deploy.ops.reconcile.findings import Difference, Findings, Line
from deploy.ops.reconcile.servers import Databases, opened
from deploy.ops.reconcile.shown import Progress, nobody
from deploy.ops.reconcile.topics import TopicLog
from shared import clock

WITHIN = timedelta(days=28)  # less than the outbox log and the inbox keep
PAUSE = 0.3


@dataclass(slots=True)
class _Suspect:
    """An equation that differs, as it was found first and last."""

    equation: Equation
    first: Compared
    last: Compared
    staying: list[Difference] = field(default_factory=list)
    moving: bool = True


async def reconcile(
    addresses: Addresses,
    *,
    patience: float = 20.0,
    within: timedelta | None = WITHIN,
    only: Collection[str] | None = None,
    progress: Progress = nobody,
) -> Findings:
    """Check every equation (or those named in `only`) and return what was found.

    `patience` is how long, in seconds, to wait for what is on its way. Events are compared by their ids
    `within` this time, or all of them when it is None; business keys always. Nothing is changed.
    Raises UnreachableError when a server does not answer.
    """
    began = time.monotonic()
    deadline = began + patience
    moment = clock.now()
    since = Since(moment - within if within else None)
    chosen = [one for one in EQUATIONS if only is None or one.name in only]
    async with AsyncExitStack() as stack:
        databases = await stack.enter_async_context(opened(addresses.databases))
        log = await stack.enter_async_context(TopicLog.opened(addresses))
        reading = None
        if log and (only is None or set(published.NAMES) & set(only)):
            reading = asyncio.create_task(published.published_lines(log, databases, within, progress))
            stack.push_async_callback(_ended, reading)
        found = await _first_round(databases, chosen, since, progress)
        suspects = [
            _Suspect(one, found[one.name], found[one.name]) for one in chosen if found[one.name].count
        ]
        rounds = await _look_again(databases, log, suspects, since, deadline, progress)
        lines = await _lines(databases, chosen, found, suspects)
        if reading:
            lines += [line for line in await reading if only is None or line.name in only]
        waiting = await journey.waiting(databases, log)
    return Findings(tuple(lines), tuple(waiting), moment, time.monotonic() - began, rounds)


async def _ended(task: asyncio.Task[list[Line]]) -> None:
    if not task.done():
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _first_round(
    databases: Databases, chosen: Sequence[Equation], since: Since, progress: Progress
) -> dict[str, Compared]:
    found: dict[str, Compared] = {}
    for number, equation in enumerate(chosen):
        progress("equations", number, len(chosen))
        found[equation.name] = await compare(databases, equation, since)
    progress("equations", len(chosen), len(chosen))
    return found


async def _look_again(
    databases: Databases,
    log: TopicLog | None,
    suspects: Sequence[_Suspect],
    since: Since,
    deadline: float,
    progress: Progress,
) -> int:
    """Read what differs until it is settled. Returns how many rounds there were, the first included."""
    rounds = 1
    while any(suspect.moving for suspect in suspects):
        arrived = await journey.arrived(databases, log, deadline)
        open_ones = [suspect for suspect in suspects if suspect.moving]
        for number, suspect in enumerate(open_ones):
            progress("a second look", number, len(open_ones))
            before, suspect.last = suspect.last, await compare(databases, suspect.equation, since)
            _settle(suspect, before, final=time.monotonic() >= deadline, arrived=arrived)
        progress("a second look", len(open_ones), len(open_ones))
        rounds += 1
        if any(suspect.moving for suspect in suspects):
            await asyncio.sleep(PAUSE)
    return rounds


def _settle(suspect: _Suspect, before: Compared, *, final: bool, arrived: bool) -> None:
    """Keep the differences that were there at first too, and that did not change on both sides since."""
    first = {one.key: one for one in suspect.first.differences}
    overflowing = suspect.first.count > KEPT
    suspect.staying = [
        one
        for one in suspect.last.differences
        if (overflowing or one.key in first) and not _moved(first.get(one.key), one)
    ]
    earlier = {one.key: one for one in before.differences}
    still = all(earlier.get(one.key) == one for one in suspect.staying)
    suspect.moving = not final and bool(suspect.staying) and not (arrived and still)


def _moved(before: Difference | None, now: Difference) -> bool:
    """Both sides have gone on: the key is busy, not stuck."""
    return before is not None and before.left != now.left and before.right != now.right


async def _lines(
    databases: Databases,
    chosen: Sequence[Equation],
    found: dict[str, Compared],
    suspects: Sequence[_Suspect],
) -> list[Line]:
    by_name = {suspect.equation.name: suspect for suspect in suspects}
    lines = []
    for equation in chosen:
        suspect = by_name.get(equation.name)
        read = suspect.last if suspect else found[equation.name]
        line = Line(
            name=equation.name,
            claim=equation.claim,
            left_name=equation.left.name,
            right_name=equation.right.name if equation.right else None,
            left=read.left,
            right=read.right,
        )
        if suspect and suspect.staying:
            # Of more differences than are remembered, the last count tells how many there are.
            count = read.count if suspect.first.count > KEPT else len(suspect.staying)
            line = await explaining.explain(
                databases, equation, line.with_differences(count, suspect.staying)
            )
        lines.append(line)
    return lines
