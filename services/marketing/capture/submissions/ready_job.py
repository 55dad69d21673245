"""Submissions that wait for nothing but us: details came, somebody asked again, or they were taken apart.

Claimed, read and settled as deliveries are: in a batch first, then a few together, then each alone.
"""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.capture.connectors import registry
from services.marketing.capture.deliveries import claims
from services.marketing.capture.deliveries import queries as deliveries
from services.marketing.capture.sources import queries as sources
from services.marketing.capture.submissions import queries, reading, writes
from services.marketing.capture.submissions.attempts import error_of, may_pass
from services.marketing.capture.submissions.reading import Answer, Part, Task
from services.marketing.capture.submissions.rules import Item
from services.marketing.capture.submissions.use_cases import item_of, process_submissions
from services.marketing.capture.submissions.withdrawals import set_right
from services.marketing.capture.submissions.writes import Ready, save
from shared.database.failures import is_transient
from shared.database.sessions import Driver, Sessions, driver

READY_BATCH = 200
log = structlog.get_logger()


async def process_ready(sessions: Sessions) -> int:
    """A group of them. How many it was."""
    async with sessions.begin() as session:
        connection = await driver(session)
        ready = await writes.claim_ready(
            connection, most=READY_BATCH, few=claims.FEW, lease=claims.LONG_LEASE
        )
        if not ready:
            return 0
        if ready[0].tries > claims.MOST_ATTEMPTS:
            await _give_up(connection, ready[0], "gave_up")
            return 1
        tasks = await _tasks_of(connection, ready)
    read = reading.read_here if ready[0].tries == 1 else reading.read_apart
    found = list(zip(tasks, await read(tasks), strict=True))
    if error := await error_of(sessions, partial(_settle_ready, ready=ready, found=found)):
        log.warning("processing_failed", count=len(ready), exc_info=error)
        async with sessions.begin() as session:
            connection = await driver(session)
            one = ready[0]
            if len(ready) > 1:
                await writes.let_go(connection, [each.id for each in ready])
            elif may_pass(error, one.tries):
                await writes.let_go(connection, [one.id], after=claims.pause_after(one.tries))
            else:
                await _give_up(connection, one, "gave_up" if is_transient(error) else "processing_failed")
    return len(ready)


async def _give_up(connection: Driver, one: Ready, reason: str) -> None:
    log.error("item_set_aside", submission_id=one.id, reason=reason, attempts=one.tries)
    await writes.quarantine(connection, one.id, reason)


async def _tasks_of(connection: Driver, ready: Sequence[Ready]) -> list[Task]:
    """To read them again from what was sent, as mappings are now; each delivery once."""
    raws = await deliveries.deliveries_by_id(connection, {one.delivery_id for one in ready})
    wanted = {raw.source_id for raw in raws.values() if raw.door in registry.WITH_SOURCES}
    known = await sources.settings_by_id(connection, wanted)
    parts: dict[UUID, list[Part]] = {}
    for one in ready:
        parts.setdefault(one.delivery_id, []).append(Part(one.item, one.external_id, one.details))
    return [Task(raws[id_], known.get(raws[id_].source_id), tuple(several)) for id_, several in parts.items()]


async def _settle_ready(
    session: AsyncSession, *, ready: Sequence[Ready], found: Sequence[tuple[Task, Answer]]
) -> None:
    waiting, now = await queries.lock_ready(await driver(session), [one.id for one in ready])
    if now is None:
        return
    by_place = {(one.delivery_id, one.item): one for one in ready}
    items: list[Item] = []
    aside: list[Item] = []
    for task, answer in found:
        for part in answer.found:
            one = by_place[task.raw.id, part.number]
            if one.id not in waiting:
                continue
            item = item_of(task.raw, part.lead, part.number, task.source)
            item.id, item.released, item.stored = one.id, one.released, True
            (aside if part.verdict else items).append(item)
            if part.verdict:
                item.refuse(part.verdict)
    if aside:
        await save(session, aside, now=now)
    await process_submissions(session, items, now=now)
    await set_right(session, [item for item in items if item.released])
