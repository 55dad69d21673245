"""`/v1/deals/{id}/owner` and `/v1/owner-changes`: deals go to other reps, one by one or many at once."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from services.sales.selling.access import OWNERS
from services.sales.selling.deals.schemas import DealView
from services.sales.work.owners import use_cases
from services.sales.work.owners.schemas import ChangedOwner, OwnerForm, OwnersForm, OwnersView
from shared import clock
from shared.auth.access import Caller
from shared.http.etags import IfMatch, etag
from shared.http.service import Transaction, router

owners = router("/v1", tags=["deals"])
Managers = Annotated[Caller, Depends(OWNERS.change)]


@owners.post("/deals/{deal_id}/owner")
async def change_owner(
    deal_id: UUID,
    form: OwnerForm,
    session: Transaction,
    response: Response,
    if_match: IfMatch,
    caller: Managers,
) -> DealView:
    """Give a deal to another rep, with its people, its lead and what is planned.

    What was won or lost stays the result of who had it at the close.
    """
    deal = await use_cases.change_owner(session, caller, deal_id, form, if_match=if_match, now=clock.now())
    response.headers["ETag"] = etag(deal.revision)
    return DealView.model_validate(deal)


@owners.post("/owner-changes")
async def change_owners(form: OwnersForm, session: Transaction, caller: Managers) -> OwnersView:
    """Give several deals, or all open ones of a rep, to one rep or share them out among several.

    All of it or nothing. For somebody who leaves: deactivate them in handoff, then hand over from here.
    """
    done = await use_cases.change_owners(session, caller, form, now=clock.now())
    return OwnersView(
        deals=[ChangedOwner(deal_id=deal.id, rep_id=deal.rep_id) for deal in done.deals],
        activities=done.activities,
        left=done.left,
    )
