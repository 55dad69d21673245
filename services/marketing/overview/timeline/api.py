"""`/v1/contacts/{id}/timeline`: everything that happened between us and a person, the latest first."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.marketing.overview.access import TIMELINES
from services.marketing.overview.timeline.queries import timeline_items
from services.marketing.overview.timeline.schemas import TimelineView
from services.marketing.people.contacts import queries as contacts
from shared.auth.access import Caller
from shared.errors import NotFoundError
from shared.http.service import Transaction, router

timelines = router("/v1/contacts", tags=["contacts"])
Readers = Annotated[Caller, Depends(TIMELINES.read)]


@timelines.get("/{contact_id}/timeline")
async def show_timeline(contact_id: UUID, session: Transaction, _: Readers) -> TimelineView:
    """Submissions, touches and lifecycle stages of a person, the latest first."""
    if await contacts.contact_by_id(session, contact_id) is None:
        raise NotFoundError("There is no contact with this id.")
    return TimelineView(contact_id=contact_id, items=await timeline_items(session, contact_id))
