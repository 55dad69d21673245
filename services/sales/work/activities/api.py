"""`/v1/activities`, and those of a deal: lists, adding, changing, cancelling."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from services.sales.selling.deals.queries import visible_deal
from services.sales.work.access import ACTIVITIES
from services.sales.work.activities import queries, use_cases
from services.sales.work.activities.schemas import (
    ActivityChange,
    ActivityFilter,
    ActivityForm,
    ActivityView,
    AnyActivityForm,
    CancelForm,
)
from services.sales.work.activities.tables import Activity
from shared import clock
from shared.auth.access import Caller
from shared.database.sessions import database_time
from shared.errors import NotFoundError
from shared.http.etags import IfMatch, IfMatchDemanded, etag
from shared.http.paging import Order, Page, Paging
from shared.http.service import Transaction, router

activities = router("/v1", tags=["activities"])
Readers = Annotated[Caller, Depends(ACTIVITIES.read)]
Sellers = Annotated[Caller, Depends(ACTIVITIES.change)]
MOST_URGENT_FIRST = Order(Activity.due_at, Activity.id)
NEWEST_FIRST = Order(Activity.id, descending=True)


@activities.get("/deals/{deal_id}/activities")
async def list_activities_of_deal(deal_id: UUID, session: Transaction, caller: Readers) -> list[ActivityView]:
    """What was done and is planned for a deal, in the order it was entered."""
    if await visible_deal(session, caller, deal_id) is None:
        raise NotFoundError(f"No deal {deal_id}.")
    return [ActivityView.model_validate(each) for each in await queries.activities_of(session, deal_id)]


@activities.post("/deals/{deal_id}/activities", status_code=201)
async def add_activity(
    deal_id: UUID, form: ActivityForm, session: Transaction, response: Response, caller: Sellers
) -> ActivityView:
    """Plan a call, e-mail, meeting, demo or task, or note one that was done.

    The first call, e-mail or message that a person makes is the first response to the lead.
    """
    activity = await use_cases.add_activity(session, caller, deal_id, form, now=clock.now())
    return _shown(activity, response)


@activities.post("/activities", status_code=201, responses={404: {"description": "There is no such deal."}})
async def add_any_activity(
    form: AnyActivityForm, session: Transaction, response: Response, caller: Sellers
) -> ActivityView:
    """The same, of a deal or of none: a first call to somebody, a task for oneself."""
    activity = await use_cases.add_activity(session, caller, form.deal_id, form, now=clock.now())
    response.headers["Location"] = f"/v1/activities/{activity.id}"
    return _shown(activity, response)


@activities.get("/activities")
async def list_activities(
    session: Transaction, paging: Paging, caller: Readers, filters: Annotated[ActivityFilter, Query()]
) -> Page[ActivityView]:
    """Activities across the deals you may see and those that are yours to do.

    Of what is to do the most urgent first; else the newest first.
    """
    to_do = filters.shown not in (None, "done", "cancelled")
    order = MOST_URGENT_FIRST if to_do else NEWEST_FIRST
    now = await database_time(session)
    query = queries.filtered(queries.activities_within(ACTIVITIES.read, caller), filters, now=now)
    rows = (await session.scalars(order.page(query, paging))).all()
    return order.show(rows, paging, ActivityView.model_validate)


@activities.get("/activities/{activity_id}")
async def show_activity(
    activity_id: UUID, session: Transaction, response: Response, caller: Readers
) -> ActivityView:
    """One activity. Its ETag is what a change sends back as If-Match."""
    activity = await queries.visible_activity(session, caller, activity_id)
    if activity is None:
        raise NotFoundError(f"No activity {activity_id}.")
    return _shown(activity, response)


@activities.patch("/activities/{activity_id}")
async def change_activity(
    activity_id: UUID,
    change: ActivityChange,
    session: Transaction,
    response: Response,
    if_match: IfMatchDemanded,
    caller: Sellers,
) -> ActivityView:
    """Mark an activity done with its outcome, move it, correct it, or give it to somebody else."""
    activity = await use_cases.change_activity(
        session, caller, activity_id, change, if_match=if_match, now=clock.now()
    )
    return _shown(activity, response)


@activities.post("/activities/{activity_id}/cancel")
async def cancel_activity(
    activity_id: UUID,
    form: CancelForm,
    session: Transaction,
    response: Response,
    if_match: IfMatch,
    caller: Sellers,
) -> ActivityView:
    """It won't be done; or, when it was marked done, it did not happen after all."""
    activity = await use_cases.take(session, caller, activity_id, if_match=if_match)
    return _shown(await use_cases.cancel_activity(session, activity, form.reason, now=clock.now()), response)


@activities.post("/activities/{activity_id}/reopen")
async def reopen_activity(
    activity_id: UUID, session: Transaction, response: Response, if_match: IfMatch, caller: Sellers
) -> ActivityView:
    """Undo a cancellation, or make what was marked done planned again."""
    activity = await use_cases.take(session, caller, activity_id, if_match=if_match)
    return _shown(await use_cases.reopen_activity(session, activity), response)


def _shown(activity: Activity, response: Response) -> ActivityView:
    response.headers["ETag"] = etag(activity.revision)
    return ActivityView.model_validate(activity)
