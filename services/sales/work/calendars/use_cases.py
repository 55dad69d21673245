"""Making, revoking and filling feeds."""

import secrets
from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.reference.reps import queries as reps
from services.sales.work.access import FEEDS
from services.sales.work.activities.queries import visible_activity
from services.sales.work.activities.tables import Activity
from services.sales.work.calendars import queries, rules
from services.sales.work.calendars.rules import Planned
from services.sales.work.calendars.tables import CalendarFeed
from shared import clock
from shared.auth.access import Caller
from shared.database.sessions import database_time
from shared.errors import ConflictError, ForbiddenError, NotFoundError

MOST_FEEDS = 10


async def add_feed(session: AsyncSession, caller: Caller, name: str) -> tuple[CalendarFeed, str]:
    """A feed of one's own, and its token. Raises ForbiddenError, ConflictError."""
    rep = await reps.rep_of_subject(session, caller.subject)
    if rep is None or not rep.active:
        raise ForbiddenError("Only an active rep has a calendar here.")
    if await queries.count_of(session, rep.id) >= MOST_FEEDS:
        raise ConflictError(f"You have {MOST_FEEDS} feeds; revoke one that you don't use any more.")
    token = secrets.token_urlsafe(32)
    now = await database_time(session)
    feed = CalendarFeed(
        id=clock.new_id(now), rep_id=rep.id, name=name, token_hash=rules.hash_of(token), created_at=now
    )
    session.add(feed)
    await session.flush()
    return feed, token


async def revoke_feed(session: AsyncSession, caller: Caller, feed_id: UUID) -> None:
    """Nobody reads it any more. Raises NotFoundError."""
    query = queries.feeds_within(FEEDS.change, caller).where(CalendarFeed.id == feed_id)
    feed = (await session.scalars(query.with_for_update(of=CalendarFeed))).first()
    if feed is None:
        raise NotFoundError(f"No feed {feed_id}.")
    await session.delete(feed)


async def fill_feed(session: AsyncSession, token: str) -> bytes:
    """Raises NotFoundError, in the same words for a token that never was and one that is no more."""
    feed = await queries.feed_of(session, rules.hash_of(token))
    if feed is None:
        raise NotFoundError("There is no calendar here (any more). Make a feed at POST /v1/calendar-feeds.")
    now = await database_time(session)
    return rules.feed(_planned(await queries.shown(session, feed.rep_id, now)), "Leadloop", now=now)


async def show_one(session: AsyncSession, caller: Caller, activity_id: UUID) -> bytes:
    """Raises NotFoundError, ConflictError."""
    activity = await visible_activity(session, caller, activity_id)
    if activity is None:
        raise NotFoundError(f"No activity {activity_id}.")
    if activity.due_at is None:
        raise ConflictError("It was never planned, so no calendar has it.")
    [planned] = _planned([activity])
    return rules.one(planned, now=await database_time(session))


def _planned(activities: Sequence[Activity]) -> Iterator[Planned]:
    for one in activities:
        if one.due_at is not None:
            yield Planned(
                one.id,
                one.kind,
                one.due_at,
                one.revision,
                one.cancelled_at is not None,
                one.reminder_at,
                one.title,
                one.company_name,
            )
