"""The outbox log's daily partitions: made ahead, dropped once the retention is over."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database.sessions import database_time

PREFIX = "outbox_p"
AHEAD_DAYS = 7


def name_of(day: date) -> str:
    return f"{PREFIX}{day:%Y%m%d}"


def day_of(name: str) -> date:
    return datetime.strptime(name.removeprefix(PREFIX), "%Y%m%d").replace(tzinfo=UTC).date()


async def make_ahead(session: AsyncSession) -> list[str]:
    """Make the partitions of today and the next days that don't exist yet; returns their names."""
    today = (await database_time(session)).astimezone(UTC).date()
    existing = await _existing(session)
    made: list[str] = []
    for offset in range(AHEAD_DAYS + 1):
        day = today + timedelta(days=offset)
        if name_of(day) in existing:
            continue
        begin, end = (f"'{moment:%Y-%m-%d} 00:00:00+00'" for moment in (day, day + timedelta(days=1)))
        await session.execute(
            text(
                f"CREATE TABLE {name_of(day)} PARTITION OF outbox FOR VALUES FROM ({begin}) TO ({end})",
            )
        )
        made.append(name_of(day))
    return made


async def old(session: AsyncSession, *, days: int) -> tuple[list[str], date | None]:
    """The partitions past so many days, the oldest first; and the day of the oldest there is."""
    limit = (await database_time(session)).astimezone(UTC).date() - timedelta(days=days)
    existing = sorted(await _existing(session))
    return [name for name in existing if day_of(name) < limit], day_of(existing[0]) if existing else None


async def drop_old(session: AsyncSession, *, days: int) -> list[str]:
    """Drop the partitions past so many days, except those from which something is still to be sent.

    One worker does it: the others of the service find the lock taken, and nothing to do.
    """
    if not await session.scalar(text("SELECT pg_try_advisory_xact_lock(hashtext('outbox partitions'))")):
        return []
    dropped: list[str] = []
    for name in (await old(session, days=days))[0]:
        needed = await session.scalar(
            text(
                "SELECT EXISTS (SELECT 1 FROM outbox_pending WHERE created_at < :end) "
                "OR EXISTS (SELECT 1 FROM outbox_parked WHERE created_at < :end)"
            ),
            {"end": datetime.combine(day_of(name) + timedelta(days=1), datetime.min.time(), tzinfo=UTC)},
        )
        if needed:
            break
        await session.execute(text(f"DROP TABLE {name}"))
        dropped.append(name)
    return dropped


async def _existing(session: AsyncSession) -> set[str]:
    rows = await session.execute(
        text(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "WHERE i.inhparent = 'outbox'::regclass AND c.relname LIKE :pattern"
        ),
        {"pattern": PREFIX.replace("_", r"\_") + "________"},
    )
    return {row[0] for row in rows}
