"""The SELECTs of feeds, and of what they show."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.reference.reps.queries import reps_within
from services.sales.reference.reps.tables import Rep
from services.sales.selling.deals.rules import OPEN
from services.sales.selling.deals.tables import Deal
from services.sales.work.activities.queries import is_of
from services.sales.work.activities.tables import Activity
from services.sales.work.calendars.tables import CalendarFeed
from shared.auth.access import Access, Caller

BEFORE, AFTER = timedelta(days=30), timedelta(days=366)
MOST = 1000


def feeds_within(access: Access, caller: Caller) -> Select[CalendarFeed]:
    reps = reps_within(access, caller)
    return select(CalendarFeed) if reps is None else select(CalendarFeed).where(CalendarFeed.rep_id.in_(reps))


async def count_of(session: AsyncSession, rep_id: UUID) -> int:
    feeds = select(func.count()).select_from(CalendarFeed).where(CalendarFeed.rep_id == rep_id)
    return await session.scalar(feeds) or 0


async def feed_of(session: AsyncSession, token_hash: bytes) -> CalendarFeed | None:
    """The feed with this token, while its rep is active."""
    query = select(CalendarFeed).join(Rep, Rep.id == CalendarFeed.rep_id)
    return (await session.scalars(query.where(CalendarFeed.token_hash == token_hash, Rep.active))).first()


async def shown(session: AsyncSession, rep_id: UUID, now: datetime) -> Sequence[Activity]:
    """A month back and a year ahead, without what a closed deal left undone."""
    open_deals = select(Deal.id).where(Deal.id == Activity.deal_id, Deal.state == OPEN)
    counts = or_(
        Activity.deal_id.is_(None),
        Activity.done_at.is_not(None),
        Activity.cancelled_at.is_not(None),
        open_deals.exists(),
    )
    found = select(Activity).where(
        is_of(rep_id), and_(Activity.due_at >= now - BEFORE, Activity.due_at < now + AFTER), counts
    )
    return (await session.scalars(found.order_by(Activity.due_at, Activity.id).limit(MOST))).all()
