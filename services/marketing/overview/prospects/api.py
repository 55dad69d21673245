"""`/v1/prospects`: finding or making the people a rep wants to win on their own."""

from typing import Annotated

from fastapi import Depends, Response

from services.marketing.overview.access import PROSPECTS
from services.marketing.overview.prospects import use_cases
from services.marketing.overview.prospects.schemas import (
    ProspectForm,
    ProspectSearch,
    ProspectsView,
    ProspectView,
)
from shared import clock
from shared.auth.access import Caller
from shared.http.service import Transaction, router

prospects = router("/v1/prospects", tags=["prospects"])
Finders = Annotated[Caller, Depends(PROSPECTS.read)]
Makers = Annotated[Caller, Depends(PROSPECTS.change)]


@prospects.post("/search")
async def search_prospects(wanted: ProspectSearch, session: Transaction, caller: Finders) -> ProspectsView:
    """Is this person or company known, and who is at it? By exact address, number, external id or domain.

    Of whom another has in hand it says who that is, and nothing else.
    """
    return await use_cases.search(session, caller, wanted, now=clock.now())


@prospects.post(
    "", status_code=201, responses={200: {"model": ProspectView, "description": "Known already."}}
)
async def add_prospect(
    form: ProspectForm, session: Transaction, response: Response, caller: Makers
) -> ProspectView:
    """Find or make a person and their company, and take them in hand for 30 days to open a deal with them.

    One who is known already is found, not made again: 200. It makes no lead and qualifies nobody. One who is
    in other hands, or whose lead is being offered: 409.
    """
    made, prospect = await use_cases.add(session, caller, form, now=clock.now())
    response.status_code = 201 if made else 200
    response.headers["Location"] = f"/v1/contacts/{prospect.contact_id}"
    return prospect
