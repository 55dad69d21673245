"""The worker's part of the front door: pending deliveries become submissions, contacts and leads, in batches.

A batch is one transaction. When it fails, each of its items is tried alone; the one that fails
again is set aside with a reason, and holds back nobody.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

import asyncpg
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.capture.connectors import registry
from services.marketing.capture.connectors.rules import CapturedLead, NoticeError, UnreadableError
from services.marketing.capture.deliveries import queries as deliveries
from services.marketing.capture.deliveries import rules
from services.marketing.capture.deliveries.rules import Raw
from services.marketing.capture.deliveries.writes import Settled, settle_deliveries
from services.marketing.capture.sources import queries as sources
from services.marketing.capture.sources.queries import Settings
from services.marketing.capture.submissions import queries, writes
from services.marketing.capture.submissions.queries import ExternalKey, Ready
from services.marketing.capture.submissions.rules import Item, Verdict, of_details, unreadable
from services.marketing.capture.submissions.use_cases import process_submissions, save
from shared.database.failures import is_transient
from shared.database.sessions import Driver, Sessions, driver

BATCH = 500
READY_BATCH = 200
log = structlog.get_logger()


async def process_deliveries(sessions: Sessions) -> int:
    """Process what waits: new deliveries, and submissions whose details came. How many items it did.

    After a part of a batch the worker comes back soon and, in the end, finds nothing: time enough to look
    for the second kind then, rather than after every few deliveries.
    """
    read = await read_deliveries(sessions)
    return read if 0 < read < BATCH else read + await process_ready(sessions)


async def read_deliveries(sessions: Sessions) -> int:
    waiting = partial(deliveries.pending_ids, most=BATCH)
    return await _in_batches(sessions, _read_batch, waiting, _give_up_on_delivery)


async def process_ready(sessions: Sessions) -> int:
    waiting = partial(queries.ready_ids, most=READY_BATCH)
    return await _in_batches(sessions, _process_batch, waiting, _give_up_on_submission)


Batch = Callable[[AsyncSession, UUID | None], Awaitable[int]]
Waiting = Callable[[Driver], Awaitable[list[UUID]]]
GiveUp = Callable[[AsyncSession, UUID], Awaitable[None]]


async def _in_batches(sessions: Sessions, batch: Batch, waiting: Waiting, give_up: GiveUp) -> int:
    try:
        async with sessions.begin() as session:
            return await batch(session, None)
    except Exception as error:
        if is_transient(error) and not _is_too_much(error):
            raise
        log.warning("batch_failed", stage=batch.__name__.strip("_"), exc_info=error)
    async with sessions.begin() as session:
        ids = await waiting(await driver(session))
    for one in ids:
        await _alone(sessions, batch, give_up, one)
    return len(ids)


def _is_too_much(error: BaseException) -> bool:
    """Whether the batch ran out of time: the same again would, too, and one by one it goes on."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, asyncpg.QueryCanceledError | TimeoutError):
            return True
        cause = cause.__cause__
    return False


async def _alone(sessions: Sessions, batch: Batch, give_up: GiveUp, one: UUID) -> None:
    try:
        async with sessions.begin() as session:
            await batch(session, one)
    except Exception as error:
        if is_transient(error):
            raise
        log.exception("item_set_aside", stage=batch.__name__.strip("_"), item_id=one)
        async with sessions.begin() as session:
            await give_up(session, one)


async def _read_batch(session: AsyncSession, only: UUID | None) -> int:
    connection = await driver(session)
    raws, now = await deliveries.take_deliveries(connection, most=BATCH, only=only)
    if now is None:
        return 0
    items, outcomes = await _read(session, raws)
    await process_submissions(session, items, now=now)
    await _close(connection, items, outcomes)
    latest = {raw.source_id: raw.received_at for raw in raws if raw.door in registry.WITH_CONNECTIONS}
    if latest:
        await sources.note_deliveries(connection, latest)
    return len(raws)


async def _read(session: AsyncSession, raws: Sequence[Raw]) -> tuple[list[Item], list[Settled]]:
    """The submissions in these deliveries, and what each delivery thereby is."""
    connection = await driver(session)
    wanted = {raw.source_id for raw in raws if raw.door in registry.WITH_SOURCES}
    known = await sources.settings_by_id(connection, wanted)
    outcomes: list[Settled] = []
    found: list[Item] = []
    for raw in raws:
        source = known.get(raw.source_id)
        try:
            leads = registry.read(raw, source)
        except NoticeError as notice:
            outcomes.append(Settled(raw.id, "notice", notice.reason))
        except UnreadableError as error:
            outcomes.append(Settled(raw.id, "unreadable", error.reason))
        else:
            found += [item_of(raw, lead, number, source) for number, lead in enumerate(leads)]
    items = await _new_ones(connection, found)
    fresh = {item.raw.id for item in items}
    for raw_id in dict.fromkeys(item.raw.id for item in found):
        state, reason = ("read", None) if raw_id in fresh else ("repeat", "known_external_id")
        outcomes.append(Settled(raw_id, state, reason))
    return items, outcomes


def item_of(raw: Raw, lead: CapturedLead, number: int, source: Settings | None) -> Item:
    campaign_id = source.campaign_id if source is not None else None
    return Item(rules.submission_id(raw.id, number), number, raw, lead, default_campaign=campaign_id)


async def _new_ones(connection: Driver, items: Sequence[Item]) -> list[Item]:
    """Leave out leads whose external id this source has brought before, in this batch or earlier."""
    pairs = {_pair(item) for item in items if item.lead.external_id}
    seen = await queries.known_external_ids(connection, pairs)
    new: list[Item] = []
    for item in items:
        if item.lead.external_id:
            if _pair(item) in seen:
                continue
            seen.add(_pair(item))
        new.append(item)
    return new


def _pair(item: Item) -> ExternalKey:
    return ExternalKey(item.raw.source_id, item.lead.external_id or "")


async def _close(connection: Driver, items: Sequence[Item], outcomes: Sequence[Settled]) -> None:
    counts = Counter((item.raw.received_at.date(), item.raw.door) for item in items)
    await settle_deliveries(connection, outcomes, counts)


async def _give_up_on_delivery(session: AsyncSession, delivery_id: UUID) -> None:
    """Its leads can't be settled together: make them submissions, which are then settled one by one."""
    connection = await driver(session)
    raws, now = await deliveries.take_deliveries(connection, most=1, only=delivery_id)
    if now is None:
        return
    try:
        items, outcomes = await _read(session, raws)
    except Exception as error:
        if is_transient(error):
            raise
        unreadable = Settled(delivery_id, "unreadable", "reading_failed")
        await settle_deliveries(connection, [unreadable], {})
        return
    for item in items:
        item.waits_for = "details" if item.lead.awaits_details else "processing"
    if items:
        await save(session, items, now=now)
    await _close(connection, items, outcomes)


async def _process_batch(session: AsyncSession, only: UUID | None) -> int:
    connection = await driver(session)
    ready, now = await queries.take_ready(connection, most=READY_BATCH, only=only)
    if now is None:
        return 0
    await process_submissions(session, await _reread(session, ready, now), now=now)
    return len(ready)


async def _reread(session: AsyncSession, ready: Sequence[Ready], now: datetime) -> list[Item]:
    """Read submissions again from what was sent, as mappings are now. Unreadable ones are set aside."""
    connection = await driver(session)
    raws = await deliveries.deliveries_by_id(connection, {one.delivery_id for one in ready})
    wanted = {raw.source_id for raw in raws.values() if raw.door in registry.WITH_SOURCES}
    known = await sources.settings_by_id(connection, wanted)
    read: dict[UUID, Sequence[CapturedLead] | str] = {}
    items: list[Item] = []
    aside: list[Item] = []
    for one in ready:
        raw = raws[one.delivery_id]
        source = known.get(raw.source_id)
        if raw.id not in read:
            read[raw.id] = _leads_or_reason(raw, source)
        lead, verdict = _lead_of(one, read[raw.id], source)
        item = item_of(raw, lead, one.item, source)
        item.id, item.released = one.id, one.released
        if verdict is None:
            items.append(item)
        else:
            item.refuse(verdict)
            aside.append(item)
    if aside:
        await save(session, aside, now=now)
    return items


def _leads_or_reason(raw: Raw, source: Settings | None) -> Sequence[CapturedLead] | str:
    try:
        return registry.read(raw, source)
    except (NoticeError, UnreadableError) as error:
        return error.reason


def _lead_of(
    one: Ready, leads: Sequence[CapturedLead] | str, source: Settings | None
) -> tuple[CapturedLead, Verdict | None]:
    """The submission's lead, or an empty one and why it is none."""
    if isinstance(leads, str):
        return CapturedLead(external_id=one.external_id), unreadable(leads)
    if one.item >= len(leads):
        return CapturedLead(external_id=one.external_id), unreadable("not_in_delivery")
    lead = leads[one.item]
    if one.details is None:
        return lead, None
    try:
        return registry.complete(lead, one.details, source), None
    except (NoticeError, UnreadableError) as error:
        return lead, of_details(error)


async def _give_up_on_submission(session: AsyncSession, submission_id: UUID) -> None:
    connection = await driver(session)
    await writes.quarantine(connection, submission_id, "processing_failed")
