"""`/v1/deals/{id}/contacts`: the people on a deal."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response

from services.sales.selling.access import DEALS
from services.sales.selling.deals.queries import deal_within
from services.sales.selling.deals.schemas import DealView
from services.sales.selling.people import use_cases
from services.sales.selling.people.schemas import PeopleForm
from shared import clock
from shared.auth.access import Caller
from shared.clients.contact_holds import ContactHolds
from shared.errors import InvalidError
from shared.http.etags import IfMatchDemanded, etag
from shared.http.service import Transaction, ask_first, router

people = router("/v1/deals/{deal_id}/contacts", tags=["deals"])
Sellers = Annotated[Caller, Depends(DEALS.change)]
STRANGER = "Nobody you can put on this deal: not in your hands or your team's, nor free and of its company."


@people.put("")
async def change_people(
    deal_id: UUID,
    form: PeopleForm,
    session: Transaction,
    request: Request,
    response: Response,
    if_match: IfMatchDemanded,
    caller: Sellers,
) -> DealView:
    """Say who is on an open deal, with their parts in the decision: all of them.

    Who is new is somebody the rep, their team or a team of yours has in hand, or of the company when nobody
    else works on them. Marketing knows that, and is asked; without its answer: 503. Their touches count
    when the deal is won.
    """
    deal = await deal_within(session, DEALS.change, caller, deal_id)
    new = use_cases.newcomers(deal, form) if deal is not None else []
    if deal is not None and new:
        holds: ContactHolds = request.app.state.contact_holds
        ask = partial(holds.joinable, new, asked_by=caller, rep_id=deal.rep_id, company_id=deal.company_id)
        joinable = await ask_first(request, "contact_holds", ask)
        _insist(form, {one for one in new if one not in joinable})
    changed = await use_cases.change_people(
        session, caller, deal_id, form, if_match=if_match, now=clock.now()
    )
    response.headers["ETag"] = etag(changed.revision)
    return DealView.model_validate(changed)


def _insist(form: PeopleForm, strangers: set[UUID]) -> None:
    faults = [place for place, one in enumerate(form.contacts) if one.contact_id in strangers]
    if faults:
        raise InvalidError(
            "Not all of these people can be on this deal.",
            errors=[{"pointer": f"/contacts/{place}", "detail": STRANGER} for place in faults],
        )
