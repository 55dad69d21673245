"""`/v1/touches`: what other systems saw of the people we know."""

from typing import Annotated

from fastapi import Depends

from services.marketing.people.access import TOUCHES
from services.marketing.people.touches import use_cases
from services.marketing.people.touches.schemas import TouchBatch, TouchesRecorded, TouchForm
from shared import clock
from shared.auth.access import Caller
from shared.http.service import Transaction, router

touches = router("/v1/touches", tags=["leads"])
Writers = Annotated[Caller, Depends(TOUCHES.change)]


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
