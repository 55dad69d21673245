"""Every SELECT on touches."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import asyncpg
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.people.touches.rules import TouchPoint, journey_of
from services.marketing.people.touches.tables import Touch, UnmatchedReference
from shared.database import bulk
from shared.database.sessions import driver

COUNT = "SELECT contact_id, count(*) FROM touches WHERE contact_id = ANY($1::uuid[]) GROUP BY 1"


class Asked(NamedTuple):
    """One contact of a deal that closed."""

    deal_id: UUID
    contact_id: UUID
    closed_at: datetime


class Chosen(NamedTuple):
    """A touch that a deal was split over when it closed."""

    deal_id: UUID
    id: UUID


FOUND = "SELECT d.deal_id, t.id, t.campaign_id, t.channel, t.session_id, t.occurred_at"
JOURNEYS = bulk.Statement(
    FOUND
    + """
FROM {d} JOIN touches t ON t.contact_id = d.contact_id
     AND t.occurred_at BETWEEN d.closed_at - {lookback} AND d.closed_at
""",
    d=bulk.Rows(Touch, Asked, types={"deal_id": "uuid", "closed_at": "timestamptz"}),
    lookback="interval",
)
AGAIN = bulk.Statement(
    FOUND + " FROM {d} JOIN touches t ON t.id = d.id", d=bulk.Rows(Touch, Chosen, types={"deal_id": "uuid"})
)


CLAIMABLE = """
SELECT u.touch_id, n.campaign_id, n.channel, u.place::int AS place
FROM (
    SELECT c.id AS campaign_id, c.channel, 'utm' AS kind, c.utm_campaign AS value
    FROM campaigns c WHERE c.utm_campaign IS NOT NULL
    UNION ALL
    SELECT c.id, c.channel, e.platform, e.external_id
    FROM campaign_external_ids e JOIN campaigns c ON c.id = e.campaign_id
    UNION ALL
    SELECT c.id, c.channel, 'id', c.id::text FROM campaigns c
) n JOIN unmatched_references u ON u.kind = n.kind AND u.value = n.value
WHERE $1::uuid IS NULL OR n.campaign_id = $1
LIMIT $2
"""
OWNERS = """
SELECT DISTINCT ON (id) id, contact_id FROM (
    SELECT session_id AS id, contact_id, recorded_at FROM touches
    WHERE session_id = ANY($1::text[]) AND submission_id IS NOT NULL
    UNION ALL
    SELECT visitor_id, contact_id, recorded_at FROM touches
    WHERE visitor_id = ANY($2::text[]) AND submission_id IS NOT NULL
) known ORDER BY id, recorded_at DESC
"""


# Touches whose channel rules found, or would have: no campaign, and nobody named the channel.
JUDGED = """
SELECT id, source, channel, utm, click_ids, referrer FROM touches
WHERE occurred_at >= $1 AND occurred_at < $2 AND id > $3 AND campaign_id IS NULL
  AND (channel_rules IS NOT NULL OR submission_id IS NOT NULL)
ORDER BY id LIMIT $4
"""


class Judged(NamedTuple):
    """A touch with what its channel was found by."""

    id: UUID
    source: str
    channel: str
    utm: Mapping[str, str]
    click_ids: Mapping[str, str]
    referrer: str | None


async def judged(
    session: AsyncSession, start: datetime, end: datetime, *, after: UUID, most: int
) -> list[Judged]:
    """Touches of a period whose channel the rules found, in the order of their ids."""
    rows = await (await driver(session)).fetch(JUDGED, start, end, after, most)
    return [Judged(*row) for row in rows]


async def claimable(
    session: AsyncSession, campaign_id: UUID | None, *, most: int
) -> list[tuple[UUID, UUID, str, int]]:
    """Touches without a campaign that a campaign (this one, or any) answers to by now: (touch, campaign,
    its channel, how good the reference is)."""
    rows = await (await driver(session)).fetch(CLAIMABLE, campaign_id, most)
    return [tuple(row) for row in rows]


async def named_visits(
    session: AsyncSession, session_ids: Collection[str], visitor_ids: Collection[str]
) -> dict[str, UUID]:
    """Who the sessions and visitors are that a form has named before, by session or visitor id."""
    rows = await (await driver(session)).fetch(OWNERS, list(session_ids), list(visitor_ids))
    return {row["id"]: row["contact_id"] for row in rows}


def unmatched() -> Select[str, str, int, datetime, datetime]:
    """References that named no campaign, with how many touches they have, and of when."""
    table = UnmatchedReference
    return select(
        table.kind,
        table.value,
        func.count().label("touches"),
        func.min(table.occurred_at).label("first_seen"),
        func.max(table.occurred_at).label("last_seen"),
    ).group_by(table.kind, table.value)


async def counts(session: AsyncSession, contact_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How often each contact met us so far."""
    connection = await driver(session)
    return {row[0]: row[1] for row in await connection.fetch(COUNT, contact_ids)}


async def journeys(
    session: AsyncSession, asked: Sequence[Asked], lookback: timedelta
) -> dict[UUID, list[TouchPoint]]:
    """The journey of each deal: the touches of its contacts up to its close, as far back as `lookback`.

    `asked` has one entry per contact. A deal without touches is not in the answer.
    """
    rows = await JOURNEYS(await driver(session), d=asked, lookback=lookback)
    return {deal_id: journey_of(touches) for deal_id, touches in _by_deal(rows).items()}


async def journeys_again(
    session: AsyncSession, asked: Mapping[UUID, Sequence[UUID]]
) -> dict[UUID, list[TouchPoint]]:
    """The journeys made of these touches, which were chosen at the close."""
    chosen = [Chosen(deal_id, touch_id) for deal_id, touch_ids in asked.items() for touch_id in touch_ids]
    rows = await AGAIN(await driver(session), d=chosen)
    return {deal_id: journey_of(touches) for deal_id, touches in _by_deal(rows).items()}


def _by_deal(rows: Sequence[asyncpg.Record]) -> dict[UUID, list[TouchPoint]]:
    found: dict[UUID, list[TouchPoint]] = {}
    for deal_id, *touch in rows:
        found.setdefault(deal_id, []).append(TouchPoint(*touch))
    return found


async def touches_by_id(session: AsyncSession, touch_ids: Iterable[UUID]) -> dict[UUID, Touch]:
    query = select(Touch).where(Touch.id.in_(list(touch_ids)))
    return {touch.id: touch for touch in (await session.scalars(query)).all()}
