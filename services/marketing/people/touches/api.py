"""`/v1/touches`: what other systems saw of the people we know."""

from typing import Annotated

from fastapi import Depends

from services.marketing.acquisition.access import CAMPAIGNS
from services.marketing.people.access import TOUCHES
from services.marketing.people.touches import queries, use_cases
from services.marketing.people.touches.schemas import (
    TouchBatch,
    TouchesRecorded,
    TouchForm,
    UnmatchedView,
)
from services.marketing.people.touches.tables import UnmatchedReference
from shared import clock
from shared.auth.access import Caller
from shared.http.paging import Order, Page, Paging
from shared.http.service import Transaction, router

unmatched = router("/v1/campaigns/unmatched", tags=["campaigns"])
touches = router("/v1/touches", tags=["leads"])
Writers = Annotated[Caller, Depends(TOUCHES.change)]

Readers = Annotated[Caller, Depends(CAMPAIGNS.read)]
BY_NAME = Order(UnmatchedReference.kind, UnmatchedReference.value)


@unmatched.get("")
async def list_unmatched(session: Transaction, paging: Paging, _: Readers) -> Page[UnmatchedView]:
    """Campaign names and ids that touches carried and no campaign has."""
    rows = (await session.execute(BY_NAME.page(queries.unmatched(), paging))).all()
    return BY_NAME.show(rows, paging, UnmatchedView.model_validate)


@touches.post("", status_code=201)
async def add_touch(form: TouchForm, session: Transaction, _: Writers) -> TouchesRecorded:
    """Record a touch. It is scored with the person's next submission, and credited when a deal closes."""
    recorded = await use_cases.record_told(session, [form], now=clock.now())
    return TouchesRecorded(recorded=recorded, known=1 - recorded)


@touches.post("/batch", status_code=201, max_body_size=1024 * 1024)
async def add_touches(batch: TouchBatch, session: Transaction, _: Writers) -> TouchesRecorded:
    """Record up to 500 touches, all or none."""
    recorded = await use_cases.record_told(session, batch.touches, now=clock.now())
    return TouchesRecorded(recorded=recorded, known=len(batch.touches) - recorded)
