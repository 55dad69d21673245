"""`/v1/activities`, and those of a deal: lists, adding and changing."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from services.sales.selling.deals.queries import visible_deal
from services.sales.work.access import ACTIVITIES
from services.sales.work.activities import queries, use_cases
from services.sales.work.activities.schemas import ActivityChange, ActivityForm, ActivityView, Due
from services.sales.work.activities.tables import Activity
from shared import clock
from shared.auth.access import Caller
from shared.database.sessions import database_time
from shared.errors import NotFoundError
from shared.http.etags import IfMatchDemanded, etag
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
    """Plan a call, e-mail, meeting, demo or follow-up, or note one that was done."""
    activity = await use_cases.add_activity(session, caller, deal_id, form, now=clock.now())
    response.headers["ETag"] = etag(activity.revision)
    return ActivityView.model_validate(activity)


@activities.get("/activities")
async def list_activities(
    session: Transaction,
    paging: Paging,
    caller: Readers,
    due: Annotated[
        Due | None, Query(description="overdue, upcoming (planned ahead), or left out: all, newest first.")
    ] = None,
) -> Page[ActivityView]:
    """Activities across the deals you may see: what is overdue is what to do next."""
    order = NEWEST_FIRST if due is None else MOST_URGENT_FIRST
    now = await database_time(session)
    query = queries.activities_due(caller, due, now=now)
    rows = (await session.scalars(order.page(query, paging))).all()
    return order.show(rows, paging, ActivityView.model_validate)


@activities.patch("/activities/{activity_id}")
async def change_activity(
    activity_id: UUID,
    change: ActivityChange,
    session: Transaction,
    response: Response,
    if_match: IfMatchDemanded,
    caller: Sellers,
) -> ActivityView:
    """Mark an activity done with its outcome, move it, or change its note."""
    activity = await use_cases.change_activity(
        session, caller, activity_id, change, if_match=if_match, now=clock.now()
    )
    response.headers["ETag"] = etag(activity.revision)
    return ActivityView.model_validate(activity)
