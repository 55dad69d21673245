"""The worker's part of the front door: pending deliveries become submissions, contacts and leads, in batches.

A batch is claimed in a short transaction, read in none, and settled in one. One that fails is tried again in
smaller groups by whoever is next, which is also what happens when its worker dies: an item that fails alone
is set aside with a reason, and holds back nobody. Nothing is tried for ever.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.capture.connectors import registry
from services.marketing.capture.deliveries import claims
from services.marketing.capture.deliveries.claims import Claimed
from services.marketing.capture.deliveries.writes import Settled, release_keys, settle_deliveries
from services.marketing.capture.sources import queries as sources
from services.marketing.capture.submissions import reading, repeats
from services.marketing.capture.submissions.attempts import error_of, is_too_much, may_pass
from services.marketing.capture.submissions.challenged import Verify, challenged
from services.marketing.capture.submissions.reading import Answer, Task
from services.marketing.capture.submissions.ready_job import process_ready
from services.marketing.capture.submissions.rules import Item, fruitless
from services.marketing.capture.submissions.use_cases import item_of, process_submissions
from services.marketing.capture.submissions.writes import save
from shared.database.failures import is_transient
from shared.database.sessions import Driver, Sessions, driver

BATCH = 500
OF_A_FLOOD = 100  # at once: who comes meanwhile waits for no more
log = structlog.get_logger()

Read = Sequence[tuple[Task, Answer]]

__all__ = ["process_deliveries", "process_ready", "process_with_care", "read_deliveries"]


async def process_deliveries(sessions: Sessions, verify: Verify | None = None) -> int:
    """Process what waits, of every kind: for who does not run the two kinds side by side."""
    read = await read_deliveries(sessions, verify)
    return read if 0 < read < BATCH else read + await process_with_care(sessions, verify)


async def read_deliveries(sessions: Sessions, verify: Verify | None = None) -> int:
    """A batch of small deliveries nobody began with; without any, some of a flood. How many it was.

    `verify` asks whether a form's challenge was passed; without its answer nobody is kept out.
    """
    claim = partial(claims.claim_fresh, most=BATCH)
    last = partial(claims.claim_fresh, most=OF_A_FLOOD, flood=True)
    read = partial(_round, sessions, read=reading.read_here, verify=verify)
    return await read(claim) or await read(last)


async def process_with_care(sessions: Sessions, verify: Verify | None = None) -> int:
    """What is large or failed before, and submissions whose details came: none holds back a fresh batch."""
    read = partial(_round, sessions, read=reading.read_apart, verify=verify)
    careful = await read(claims.claim_carefully)
    careful += await process_ready(sessions)
    return careful or await read(partial(claims.claim_carefully, flood=True))


async def _round(
    sessions: Sessions,
    claim: Callable[[Driver], Awaitable[list[Claimed]]],
    *,
    read: Callable[[Sequence[Task]], Awaitable[list[Answer]]],
    verify: Verify | None,
) -> int:
    async with sessions.begin() as session:
        connection = await driver(session)
        claimed = await claim(connection)
        if not claimed:
            return 0
        if claimed[0].attempts > claims.MOST_ATTEMPTS:  # such a one comes alone
            await _set_aside(connection, claimed[0], "gave_up")
            return 1
        wanted = {one.raw.source_id for one in claimed if one.raw.door in registry.WITH_SOURCES}
        known = await sources.settings_by_id(connection, wanted)
    tasks = [Task(one.raw, known.get(one.raw.source_id)) for one in claimed]
    answers = await read(tasks)
    if verify is not None:
        answers = await challenged(claimed, tasks, answers, verify)
    found = list(zip(tasks, answers, strict=True))
    for task, answer in found:
        if answer.error or answer.reason in reading.TOO_MUCH:
            log.error(
                "delivery_not_read", delivery_id=task.raw.id, reason=answer.reason, error_type=answer.error
            )
    if error := await error_of(sessions, partial(_settle, found=found)):
        log.warning("intake_failed", count=len(claimed), exc_info=error)
        await _go_on_after(error, sessions, claimed, found)
    return len(claimed)


async def _go_on_after(error: Exception, sessions: Sessions, claimed: Sequence[Claimed], found: Read) -> None:
    """Let several be tried in smaller groups, one again later or in its parts; or set it aside."""
    one = claimed[0]
    if len(claimed) > 1 or may_pass(error, one.attempts):
        pause = claims.pause_after(one.attempts) if len(claimed) == 1 else timedelta()
        async with sessions.begin() as session:
            await claims.let_go(await driver(session), [each.raw.id for each in claimed], after=pause)
        return
    apart = is_too_much(error) or not is_transient(error)
    # Its leads can't be settled together: make them submissions, which are then settled one by one.
    if apart and await error_of(sessions, partial(_take_apart, found=found)) is None:
        return
    async with sessions.begin() as session:
        reason = "gave_up" if is_transient(error) else "processing_failed"
        await _set_aside(await driver(session), one, reason)


async def _set_aside(connection: Driver, one: Claimed, reason: str) -> None:
    log.error("item_set_aside", delivery_id=one.raw.id, reason=reason, attempts=one.attempts)
    await claims.set_aside(connection, [one.raw.id], reason)


async def _settle(session: AsyncSession, *, found: Read) -> None:
    """Make what was read submissions, contacts and leads, of the deliveries that still wait for it."""
    connection = await driver(session)
    waiting, now = await claims.lock(connection, [task.raw.id for task, _ in found])
    if now is None:
        return
    mine = [(task, answer) for task, answer in found if task.raw.id in waiting]
    items = _items(mine)
    idle = await process_submissions(session, items, now=now)
    outcomes = {task.raw.id: Settled(task.raw.id, answer.state, answer.reason) for task, answer in mine}
    none = {item.id for item in idle}
    made = [item for item in items if item.id not in none]
    fresh = {item.raw.id for item in made}
    for item in idle:
        if item.raw.id not in fresh:
            first = repeats.delivery_of(item.repeats)
            outcomes[item.raw.id] = Settled(item.raw.id, "repeat", "known_external_id", first)
    await _close(connection, made, list(outcomes.values()))
    latest = {task.raw.source_id: task.raw.received_at for task, _ in mine
              if task.raw.door in registry.WITH_CONNECTIONS}  # fmt: skip
    if latest:
        await sources.note_deliveries(connection, latest)


def _items(found: Read) -> list[Item]:
    return [
        item_of(task.raw, one.lead, one.number, task.source) for task, answer in found for one in answer.found
    ]


async def _close(connection: Driver, items: Sequence[Item], outcomes: Sequence[Settled]) -> None:
    counts = Counter((item.raw.received_at.date(), item.raw.door) for item in items)
    await settle_deliveries(connection, outcomes, counts)
    unreadable = [one.id for one in outcomes if one.state == "unreadable"]
    await release_keys(connection, [*unreadable, *fruitless(items)])


async def _take_apart(session: AsyncSession, *, found: Read) -> None:
    connection = await driver(session)
    waiting, now = await claims.lock(connection, [task.raw.id for task, _ in found])
    if now is None:
        return
    mine = [(task, answer) for task, answer in found if task.raw.id in waiting]
    items = _items(mine)
    for item in items:
        item.waits_for = "details" if item.lead.awaits_details else "processing"
    if items:
        await save(session, items, now=now)
    outcomes = [Settled(task.raw.id, answer.state, answer.reason) for task, answer in mine]
    await _close(connection, items, outcomes)
