"""`/v1/contact-holds`: sales asks it before it puts people on a deal."""

from typing import Annotated

from fastapi import Depends

from services.marketing.people.access import CONTACT_HOLDS
from services.marketing.people.holds import use_cases
from services.marketing.people.holds.schemas import HoldsForm, HoldsView
from shared import clock
from shared.auth.access import Caller
from shared.http.service import Transaction, router

holds = router("/v1/contact-holds", tags=["contacts"])
Services = Annotated[Caller, Depends(CONTACT_HOLDS.read)]


@holds.post("")
async def show_holds(wanted: HoldsForm, session: Transaction, _: Services) -> HoldsView:
    """Whom of these people the asking person may put on the deal.

    They are of its company and nobody else works on them, or the rep, their team or a team of the asking
    manager has them in hand. Administrators put anybody on it.
    """
    person = Caller("person", wanted.asked_by, roles=frozenset(wanted.roles))
    joinable = await use_cases.joinable(
        session,
        person,
        wanted.contact_ids,
        rep_id=wanted.rep_id,
        company_id=wanted.company_id,
        now=clock.now(),
    )
    return HoldsView(contact_ids=[one for one in wanted.contact_ids if one in joinable])
