"""Adding and changing activities."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.selling.deals.queries import deal_within
from services.sales.selling.deals.use_cases import out_of_reach
from services.sales.work.access import ACTIVITIES
from services.sales.work.activities import queries
from services.sales.work.activities.schemas import ActivityChange, ActivityForm
from services.sales.work.activities.tables import Activity
from shared import clock
from shared.auth.access import Caller
from shared.database.sessions import database_time
from shared.errors import FieldError, InvalidError, NotFoundError
from shared.http.etags import check_version


async def add_activity(
    session: AsyncSession, caller: Caller, deal_id: UUID, form: ActivityForm, *, now: datetime
) -> Activity:
    """Plan or note an activity, also on a closed deal: a thank-you call is one."""
    if await deal_within(session, ACTIVITIES.change, caller, deal_id) is None:
        raise await out_of_reach(session, caller, deal_id, ACTIVITIES.change)
    _insist_on_past(form.done_at, now=now)
    activity = Activity(
        id=clock.new_id(await database_time(session)),
        deal_id=deal_id,
        by=caller.subject,
        revision=1,
        recorded_at=now,
        **form.model_dump(),
    )
    session.add(activity)
    return activity


async def change_activity(
    session: AsyncSession,
    caller: Caller,
    activity_id: UUID,
    change: ActivityChange,
    *,
    if_match: int | None,
    now: datetime,
) -> Activity:
    activity = await queries.activity_within(session, ACTIVITIES.change, caller, activity_id)
    if activity is None:
        if await queries.sees_activity(session, caller, activity_id):
            raise ACTIVITIES.change.beyond(caller)
        raise NotFoundError(f"No activity {activity_id}.")
    check_version(if_match, activity.revision)
    _insist_on_past(change.done_at, now=now)
    for name in change.model_fields_set:
        setattr(activity, name, getattr(change, name))
    if activity.due_at is None and activity.done_at is None:
        raise InvalidError("It would be neither planned nor done.", errors=[_fault("/due_at", "Give one.")])
    if activity.outcome is not None and activity.done_at is None:
        raise InvalidError("Only what is done has an outcome.", errors=[_fault("/done_at", "Give it too.")])
    activity.revision += 1
    return activity


def _insist_on_past(done_at: datetime | None, *, now: datetime) -> None:
    if done_at is not None and done_at > now:
        raise InvalidError("It can't be done yet.", errors=[_fault("/done_at", "Lies in the future.")])


def _fault(pointer: str, detail: str) -> FieldError:
    return {"pointer": pointer, "detail": detail}
