"""Every SELECT on touches."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import asyncpg
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.people.touches.rules import TouchPoint, journey_of
from services.marketing.people.touches.tables import Touch
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
