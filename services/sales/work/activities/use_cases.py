"""Adding and changing activities, and telling the others of what was done."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.reference.reps import queries as reps
from services.sales.selling.deals.queries import deal_within
from services.sales.selling.deals.tables import Deal
from services.sales.selling.deals.use_cases import out_of_reach
from services.sales.work.access import ACTIVITIES
from services.sales.work.activities import queries
from services.sales.work.activities.rules import TOLD, Happened, direction_of
from services.sales.work.activities.schemas import ActivityChange, ActivityForm
from services.sales.work.activities.tables import Activity
from shared import clock
from shared.auth.access import Caller
from shared.database.sessions import database_time
from shared.errors import ConflictError, FieldError, InvalidError, NotFoundError
from shared.events.sales import ActivityLogged
from shared.http.etags import check_version
from shared.messaging import outbox


async def add_activity(
    session: AsyncSession, caller: Caller, deal_id: UUID | None, form: ActivityForm, *, now: datetime
) -> Activity:
    """Plan or note an activity, also on a closed deal: a thank-you call is one.

    The same `external_id` again is the activity there is. Raises NotFoundError, ForbiddenError, InvalidError,
    ConflictError.
    """
    deal = None
    if deal_id is not None:
        deal = await deal_within(session, ACTIVITIES.change, caller, deal_id)
        if deal is None:
            raise await out_of_reach(session, caller, deal_id, ACTIVITIES.change)
    _insist_on_past(form.done_at, now=now)
    values = form.model_dump(exclude={"deal_id"})
    values["direction"] = direction_of(form.kind, form.direction)
    values["assignee_id"] = await _assignee(session, caller, form.assignee_id, deal)
    if form.external_id is not None:
        known = await queries.by_external_id(session, form.external_id)
        if known is not None:
            return _same(known, values | {"deal_id": deal_id})
    activity = Activity(
        id=clock.new_id(await database_time(session)),
        deal_id=deal_id,
        by=caller.subject,
        version=0,
        revision=1,
        moves=0,
        recorded_at=now,
        **values,
    )
    session.add(activity)
    await session.flush()
    await session.refresh(activity, ["deal"])
    await tell(session, activity, before=None)
    return activity


def _same(known: Activity, values: dict[str, Any]) -> Activity:
    if differ := [name for name, value in values.items() if getattr(known, name) != value]:
        raise ConflictError(
            f"There is an activity {known.external_id} with another {', '.join(sorted(differ))}; "
            "change that one, or give this one an external_id of its own."
        )
    return known


async def _assignee(session: AsyncSession, caller: Caller, given: UUID | None, deal: Deal | None) -> UUID:
    if given is not None:
        if deal is not None and given == deal.rep_id:
            return given
        rep = await reps.rep_within(session, ACTIVITIES.change, caller, given)
    else:
        rep = await reps.rep_of_subject(session, caller.subject)
        if deal is not None and (rep is None or not rep.active):
            return deal.rep_id
    if rep is None or not rep.active:
        detail = "Not an active rep of yours." if given else "You are no active rep: name one."
        raise InvalidError("It needs somebody who does it.", errors=[_fault("/assignee_id", detail)])
    return rep.id


async def take(session: AsyncSession, caller: Caller, activity_id: UUID, *, if_match: int | None) -> Activity:
    """An activity this caller may change, locked. Raises NotFoundError, ForbiddenError, StaleError."""
    activity = await queries.activity_within(session, ACTIVITIES.change, caller, activity_id)
    if activity is None:
        if await queries.visible_activity(session, caller, activity_id) is not None:
            raise ACTIVITIES.change.beyond(caller)
        raise NotFoundError(f"No activity {activity_id}.")
    check_version(if_match, activity.revision)
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
    """What is done and corrected is told again. Raises what `take` does, InvalidError, ConflictError."""
    activity = await take(session, caller, activity_id, if_match=if_match)
    if activity.cancelled_at is not None:
        raise ConflictError("It is cancelled; POST /v1/activities/{id}/reopen brings it back.")
    if activity.kind == "submission":
        raise ConflictError("It is what the person sent, and stays as it is.")
    _insist_on_past(change.done_at, now=now)
    before = happened(activity)
    if change.assignee_id is not None and change.assignee_id != activity.assignee_id:
        await _assignee(session, caller, change.assignee_id, activity.deal)
    if "due_at" in change.model_fields_set and None is not activity.due_at != change.due_at is not None:
        activity.moves += 1
    for name in change.model_fields_set:
        setattr(activity, name, getattr(change, name))
    activity.direction = direction_of(activity.kind, activity.direction)
    if activity.due_at is None and activity.done_at is None:
        raise InvalidError("It would be neither planned nor done.", errors=[_fault("/due_at", "Give one.")])
    if activity.outcome is not None and activity.done_at is None:
        raise InvalidError("Only what is done has an outcome.", errors=[_fault("/done_at", "Give it too.")])
    activity.revision += 1
    await tell(session, activity, before=before)
    return activity


async def cancel_activity(
    session: AsyncSession, activity: Activity, reason: str, *, now: datetime
) -> Activity:
    """It won't be done; or, when it was done already, it did not happen after all."""
    if activity.cancelled_at is not None:
        raise ConflictError("It is cancelled already.")
    if activity.kind == "submission":
        raise ConflictError("It is what the person sent, and stays as it is.")
    before = happened(activity)
    activity.cancelled_at, activity.cancel_reason = now, reason
    activity.revision += 1
    await tell(session, activity, before=before)
    return activity


async def reopen_activity(session: AsyncSession, activity: Activity) -> Activity:
    """Undo a cancellation; or make what is done planned again."""
    before = happened(activity)
    if activity.cancelled_at is not None:
        activity.cancelled_at = activity.cancel_reason = None
    elif activity.done_at is None:
        raise ConflictError("It is planned already.")
    elif activity.due_at is None:
        raise ConflictError("It was never planned: cancel it if it did not happen.")
    else:
        activity.done_at = activity.outcome = None
    activity.revision += 1
    await tell(session, activity, before=before)
    return activity


def happened(activity: Activity) -> Happened | None:
    """What the others know of it by now; None unless something happened with a customer."""
    if activity.kind not in TOLD or activity.done_at is None or activity.cancelled_at is not None:
        return None
    return Happened(
        activity.kind,
        activity.direction,
        activity.by_human,
        activity.outcome,
        activity.done_at,
        activity.deal_id,
        activity.contact_id,
        activity.assignee_id,
    )


async def tell(session: AsyncSession, activity: Activity, *, before: Happened | None) -> None:
    """Stage the fact, if there is news: it was done, corrected, or did not happen after all."""
    now_known = happened(activity)
    if now_known == before:
        return
    told = now_known or before
    assert told is not None
    activity.version += 1
    deal = activity.deal
    people = (told.contact_id,) if told.contact_id else tuple(deal.contact_ids) if deal else ()
    event = ActivityLogged(
        version=activity.version,
        activity_id=activity.id,
        deal_id=activity.deal_id,
        lead_id=deal.lead_id if deal else None,
        cycle=deal.cycle if deal else None,
        contact_ids=people,
        rep_id=told.assignee_id,
        kind=told.kind,
        direction=told.direction,
        by_human=told.by_human,
        outcome=told.outcome,
        occurred_at=told.occurred_at,
        cancelled=now_known is None,
    )
    await outbox.stage(session, [event])


def _insist_on_past(done_at: datetime | None, *, now: datetime) -> None:
    if done_at is not None and done_at > now:
        raise InvalidError("It can't be done yet.", errors=[_fault("/done_at", "Lies in the future.")])


def _fault(pointer: str, detail: str) -> FieldError:
    return {"pointer": pointer, "detail": detail}
