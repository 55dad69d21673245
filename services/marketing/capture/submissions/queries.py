"""Every SELECT on submissions: what the intake works on, and what people look at."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.capture.deliveries.queries import narrowed
from services.marketing.capture.deliveries.tables import Delivery
from services.marketing.capture.submissions.repeats import Earlier, Key, Said
from services.marketing.capture.submissions.tables import Submission
from shared.database import bulk
from shared.database.sessions import Driver

LOCK_READY = """
SELECT id, now() AS now FROM submissions WHERE id = ANY($1::uuid[]) AND waits_for = 'processing'
ORDER BY id FOR UPDATE SKIP LOCKED
"""
_EARLIER = "s.id, s.delivery_id, s.state, s.waits_for, s.content_hash, s.contact_id, s.lead_id, s.occurred_at"
STANDING = bulk.Statement(
    f"SELECT s.source_id, s.external_id, {_EARLIER} FROM submissions s JOIN {{keys}} "
    "ON s.source_id = keys.source_id AND s.external_id = keys.external_id ORDER BY s.received_at, s.id",
    keys=bulk.Rows(Submission, Key),
)
# The touch is the first one's: what repeats or changes it has none.
SAID = bulk.Statement(
    f"SELECT s.source_id, s.contact_id, s.content_hash, {_EARLIER} FROM submissions s JOIN {{said}} "
    "ON s.contact_id = said.contact_id AND s.source_id = said.source_id "
    "AND s.content_hash = said.content_hash "
    "WHERE s.state IN ('created', 'merged') AND s.reason IS NULL AND s.external_id IS NULL",
    said=bulk.Rows(Submission, Said),
)


async def lock_ready(connection: Driver, ids: Collection[UUID]) -> tuple[set[UUID], datetime | None]:
    """Those of these that still wait for us, locked until the commit, and the database's time."""
    rows = await connection.fetch(LOCK_READY, list(ids))
    return {row[0] for row in rows}, (rows[0]["now"] if rows else None)


async def standing(connection: Driver, keys: Collection[Key]) -> dict[Key, list[Earlier]]:
    """What came before under these external ids, in order."""
    found: dict[Key, list[Earlier]] = {}
    for source_id, external_id, *earlier in await STANDING(connection, keys=keys):
        found.setdefault(Key(source_id, external_id), []).append(Earlier(*earlier))
    return found


async def said_before(connection: Driver, said: Collection[Said]) -> dict[Said, list[Earlier]]:
    """Submissions in which these contacts said the same at the same form, whenever that was."""
    found: dict[Said, list[Earlier]] = {}
    for source_id, contact_id, content_hash, *earlier in await SAID(connection, said=said):
        found.setdefault(Said(source_id, contact_id, content_hash), []).append(Earlier(*earlier))
    return found


def submissions(**wanted: Any) -> Select[Submission]:
    return narrowed(select(Submission), Submission, wanted)


async def submission(session: AsyncSession, submission_id: UUID, *, lock: bool = False) -> Submission | None:
    return await session.get(Submission, submission_id, with_for_update=lock)


async def with_bodies(session: AsyncSession, ids: Collection[UUID]) -> list[UUID]:
    """Those of these submissions whose delivery's body is still kept; it stays until the commit."""
    found = select(Submission.id).join(Delivery, Delivery.id == Submission.delivery_id)
    found = found.where(Submission.id.in_(ids), Delivery.body.is_not(None))
    locked = found.order_by(Delivery.id).with_for_update(of=Delivery, read=True, key_share=True)
    return list((await session.scalars(locked)).all())


async def submission_ids(session: AsyncSession, delivery_id: UUID) -> list[UUID]:
    query = select(Submission.id).where(Submission.delivery_id == delivery_id).order_by(Submission.item)
    return list((await session.scalars(query)).all())


async def repeated_submission(session: AsyncSession, submission_id: UUID) -> Submission | None:
    """The submission that a delivery with this id only repeated."""
    first = select(Delivery.repeat_of).where(Delivery.id == submission_id, Delivery.state == "repeat")
    query = select(Submission).where(Submission.delivery_id.in_(first)).order_by(Submission.item).limit(1)
    return (await session.scalars(query)).one_or_none()


# What repeats or changes one of them goes with it: alone it would be the first of nothing.
WITH_FOLLOWERS = """
SELECT f.id, f.contact_id FROM submissions f
WHERE f.state IN ('created', 'merged') AND f.contact_id IS NOT NULL AND (
    f.id = ANY($1::uuid[])
    OR f.reason IN ('repeat', 'changed') AND EXISTS (
        SELECT FROM submissions s WHERE s.id = ANY($1::uuid[]) AND s.contact_id = f.contact_id
          AND s.source_id = f.source_id AND s.reason IS NULL
          AND (s.external_id = f.external_id OR s.content_hash = f.content_hash)
    )
) AND f.contact_id IN (SELECT contact_id FROM submissions WHERE id = ANY($1::uuid[]))
ORDER BY f.id FOR UPDATE
"""
# A repeat is no touch and changes no score, so nothing rests on it.
SENT_BY = """
SELECT s.id, s.contact_id, s.door, s.reason, s.captured, s.campaign_id, s.traceparent, s.received_at,
       s.occurred_at, s.backfilled, t.channel, t.campaign_id AS touch_campaign
FROM submissions s LEFT JOIN touches t ON t.submission_id = s.id
WHERE s.contact_id = ANY($1::uuid[]) AND s.state IN ('created', 'merged')
  AND (s.reason IS NULL OR s.reason = 'changed')
"""


async def with_followers(connection: Driver, ids: Collection[UUID]) -> list[Record]:
    """These submissions with those that repeat or change them (id, contact_id), locked."""
    return await connection.fetch(WITH_FOLLOWERS, list(ids))


async def sent_by(connection: Driver, contact_ids: Collection[UUID]) -> list[Record]:
    """All that made, joined or changed the leads of these contacts, with the channel of its touch."""
    return await connection.fetch(SENT_BY, list(contact_ids))


async def touches_of(connection: Driver, ids: Collection[UUID]) -> list[UUID]:
    """Whose the touches of these submissions are, each contact as often as it has one."""
    found = await connection.fetch(
        "SELECT contact_id FROM touches WHERE submission_id = ANY($1::uuid[])", list(ids)
    )
    return [row["contact_id"] for row in found]


async def taken_back(connection: Driver, ids: Collection[UUID]) -> set[UUID]:
    """Those of these that were taken back before they came again."""
    if not ids:
        return set()
    found = await connection.fetch(
        "SELECT id FROM submissions WHERE id = ANY($1::uuid[]) AND withdrawn_at IS NOT NULL", list(ids)
    )
    return {row["id"] for row in found}


async def no_longer_told(connection: Driver, contact_ids: Collection[UUID]) -> set[UUID]:
    """Those of these contacts of whom a standing submission no longer shows what was said: its days are over.

    What it scored can't be found again.
    """
    found = await connection.fetch(
        "SELECT DISTINCT contact_id FROM submissions WHERE contact_id = ANY($1::uuid[])"
        " AND state IN ('created', 'merged') AND cleared_at IS NOT NULL",
        list(contact_ids),
    )
    return {row["contact_id"] for row in found}
