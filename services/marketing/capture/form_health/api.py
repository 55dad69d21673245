"""`/v1/forms/{form_id}/activity`: what a form brought, whom it refused and what it didn't understand."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.marketing.capture.access import SOURCES
from services.marketing.capture.form_health import use_cases
from services.marketing.capture.form_health.schemas import FormActivity
from services.marketing.capture.sources import queries as sources
from shared.auth.access import Caller
from shared.errors import NotFoundError
from shared.http.service import Transaction, router

form_health = router("/v1/forms", tags=["forms"])
Readers = Annotated[Caller, Depends(SOURCES.read)]


@form_health.get("/{form_id}/activity")
async def show_activity(form_id: UUID, session: Transaction, _: Readers) -> FormActivity:
    """How a form does: what came of its posts, day by day, and what its latest ones had in them."""
    form = await sources.form_by_id(session, form_id)
    if form is None:
        raise NotFoundError("There is no form with this id.")
    return await use_cases.activity(session, form)
