"""Keeping marketing's copy of deals: each event is a newer state, or it is passed over.

Every function answers the ids of the deals it changed; an event that is not newer than the
copy changes nothing and must have no other effect either.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.funnel.deals.writes import (
    CLOSE,
    FORGET,
    MOVE,
    OPEN,
    OWN,
    closed_row,
    moved_row,
    owned_row,
)
from services.marketing.funnel.lifecycle.rules import CycleKey
from services.marketing.people.holds import use_cases as holds
from shared.database.sessions import driver
from shared.events.sales import (
    DealAmended,
    DealClosed,
    DealContactsChanged,
    DealOpened,
    DealOwnerChanged,
    DealStageChanged,
)


async def copy_opened(session: AsyncSession, events: Sequence[DealOpened], *, now: datetime) -> set[UUID]:
    """The deal as it was opened; its rep holds the people on it."""
    new = _changed(await OPEN(await driver(session), events, updated_at=now))
    await holds.hold_deals(session, [event for event in events if event.deal_id in new])
    return new


async def copy_moved(
    session: AsyncSession, events: Sequence[DealStageChanged], *, now: datetime
) -> set[UUID]:
    """Its stage and amount; and when it first counted as pipeline."""
    rows = [moved_row(event) for event in events]
    return _changed(await MOVE(await driver(session), rows, updated_at=now))


async def copy_owned(
    session: AsyncSession, events: Sequence[DealOwnerChanged], *, now: datetime
) -> set[UUID]:
    """Who has it now; they hold the people on it."""
    rows = [owned_row(event) for event in events]
    new = _changed(await OWN(await driver(session), rows, updated_at=now))
    await holds.hold_deals(session, [event for event in events if event.deal_id in new])
    return new


async def copy_people(
    session: AsyncSession, events: Sequence[DealContactsChanged], *, now: datetime
) -> set[UUID]:
    """Who is on it now; its rep holds them, and nobody else by it."""
    rows = [owned_row(event) for event in events]
    new = _changed(await OWN(await driver(session), rows, updated_at=now))
    fresh = [event for event in events if event.deal_id in new]
    await holds.hold_deals(session, fresh)
    await holds.let_go(session, {event.deal_id: event.contact_ids for event in fresh})
    return new


async def copy_closed(
    session: AsyncSession, events: Sequence[DealClosed | DealAmended], *, now: datetime
) -> set[UUID]:
    """Its outcome and what it is worth, in both currencies; the sums of the days follow.

    One transaction at a time: the caller has seen to it, before this statement begins.
    """
    rows = [closed_row(event) for event in events]
    ids = [event.deal_id for event in events]
    new = _changed(await CLOSE(await driver(session), rows=rows, ids=ids, updated_at=now))
    await holds.hold_deals(session, [event for event in events if event.deal_id in new])
    return new


def _changed(rows: Sequence[asyncpg.Record]) -> set[UUID]:
    return {row["deal_id"] for row in rows}


async def forget(session: AsyncSession, deal_ids: Collection[UUID]) -> set[CycleKey]:
    """Take these copies out, and the won ones out of the sums of their days. Answers their cycles."""
    rows = await (await driver(session)).fetch(FORGET, list(deal_ids))
    await holds.forget(session, deal_ids)
    return {CycleKey(row["lead_id"], row["cycle"]) for row in rows}
