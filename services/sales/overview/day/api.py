"""`/v1/day`: what a rep has to do today, and what they may have forgotten."""

from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Depends, Query

from services.sales.overview.access import DAYS
from services.sales.overview.day import queries
from services.sales.overview.day.schemas import DayView
from services.sales.reference.reps import queries as reps
from services.sales.work.activities.schemas import Zone
from services.sales.work.hand_overs.queries import asked_of
from services.sales.work.hand_overs.schemas import HandOverView
from shared.auth.access import Caller
from shared.database.sessions import database_time
from shared.errors import InvalidError
from shared.http.service import Transaction, router

day = router("/v1/day", tags=["activities"])
Readers = Annotated[Caller, Depends(DAYS.read)]


@day.get("")
async def show_day(
    session: Transaction,
    caller: Readers,
    rep_id: Annotated[UUID | None, Query(description="Left out: your own day.")] = None,
    time_zone: Annotated[Zone, Query(description="IANA name: whose today and week it is.")] = "UTC",
) -> DayView:
    """What is overdue, due today and this week, and the open deals that nothing is planned for."""
    if rep_id is None:
        rep = await reps.rep_of_subject(session, caller.subject)
        rep = rep if rep is None or rep.active else None
    else:
        rep = await reps.rep_within(session, DAYS.read, caller, rep_id)
    if rep is None:
        detail = "Not a rep of yours." if rep_id else "You are no active rep: name one."
        raise InvalidError("Whose day?", errors=[{"pointer": "/rep_id", "detail": detail}])
    now, zone = await database_time(session), ZoneInfo(time_zone)
    today = now.astimezone(zone).date()
    return DayView(
        rep_id=rep.id,
        day=today,
        overdue=await queries.activities(session, rep.id, "overdue", now, zone),
        today=await queries.activities(session, rep.id, "today", now, zone),
        this_week=await queries.activities(session, rep.id, "this_week", now, zone),
        asked_of_you=[HandOverView.model_validate(one) for one in await asked_of(session, rep.id)],
        without_next_step=await queries.without_next_step(session, rep.id),
        past_expected_close=await queries.past_expected_close(session, rep.id, today),
    )
