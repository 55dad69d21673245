"""Time that passes for what came in, and a round of the worker that lets go of it."""

from typing import Any

from sqlalchemy import text

from services.marketing.capture.retention import jobs
from services.marketing.settings import Settings
from shared.database.sessions import Sessions
from shared.worker import retention

ADA = {"name": "Ada Nowak", "email": "ada@muster-gmbh.com", "message": "Please call"}
SPAM = {
    "email": "bot@spam-co.com",
    "message": "http://a.example http://b.example http://c.example http://d.example",
}
DAYS = {"keep_bodies_days": 90, "keep_refused_days": 180, "keep_captured_days": 730}


def settings(**days: Any) -> Settings:
    return Settings(marketing_database_url="postgresql://nobody@127.0.0.1/nothing", **{**DAYS, **days})


async def grow_old(sessions: Sessions, days: int) -> None:
    """Everything there is came so many days earlier."""
    async with sessions.begin() as session:
        for table in ("deliveries", "submissions"):
            await session.execute(
                text(f"UPDATE {table} SET received_at = received_at - make_interval(days => :days)"),
                {"days": days},
            )
        await session.execute(text("UPDATE tallies SET day = day - CAST(:days AS int)"), {"days": days})


async def clear(sessions: Sessions, **days: int) -> dict[str, int]:
    """A round of the worker; only kinds of which something went."""
    gone = await retention.round_of(sessions, jobs.KEPT, settings(**days))
    return {kind: number for kind, number in gone.items() if number}


async def kept(sessions: Sessions) -> dict[str, int]:
    """How many bodies and how much of what was understood is there."""
    async with sessions() as session:
        row = await session.execute(
            text(
                "SELECT (SELECT count(body) FROM deliveries), (SELECT count(captured) FROM submissions), "
                "(SELECT count(*) FROM deliveries), (SELECT count(*) FROM submissions)"
            )
        )
        return dict(zip(("bodies", "captured", "deliveries", "submissions"), row.one(), strict=True))


async def clear_all(sessions: Sessions) -> dict[str, int]:
    """Let everything go that may go, without its getting old: the clicks of today stay those of today."""
    gone: dict[str, int] = {}
    async with sessions.begin() as session:
        await session.execute(text("UPDATE deliveries SET received_at = received_at - interval '800 days'"))
        await session.execute(text("UPDATE submissions SET received_at = received_at - interval '800 days'"))
    while more := await clear(sessions):
        gone = {kind: gone.get(kind, 0) + more.get(kind, 0) for kind in gone | more}
    async with sessions.begin() as session:
        await session.execute(text("UPDATE deliveries SET received_at = received_at + interval '800 days'"))
        await session.execute(text("UPDATE submissions SET received_at = received_at + interval '800 days'"))
    return gone
