"""`/v1/contact-cards`, for the other services."""

from typing import Annotated

import structlog
from fastapi import Depends

from services.marketing.overview.access import CONTACT_CARDS
from services.marketing.overview.background.use_cases import backgrounds
from services.marketing.overview.cards import queries, rules, use_cases
from services.marketing.overview.cards.schemas import CardsForm, CardsView, CardView
from services.marketing.people.contacts import queries as contacts
from services.marketing.people.holds.rules import Stage
from shared import clock
from shared.auth.access import Caller
from shared.errors import ForbiddenError
from shared.http.limits import KIB
from shared.http.service import Transaction, router

cards = router("/v1/contact-cards", tags=["contacts"])
Services = Annotated[Caller, Depends(CONTACT_CARDS.read)]
HANDOFF = "handoff"
log = structlog.get_logger()


@cards.post("", max_body_size=64 * KIB)
async def show_cards(wanted: CardsForm, session: Transaction, caller: Services) -> CardsView:
    """How to reach these people, for another service to show, as far as the asking person holds them.

    It is logged who asked. Nothing of somebody in other hands is in the answer.
    """
    if wanted.held and caller.subject != HANDOFF:
        raise ForbiddenError("Who holds a lead is handoff's to say: leave out `held`.")
    now = clock.now()
    asking = Caller(wanted.kind, wanted.asked_by, roles=frozenset(wanted.roles))
    ids = list(dict.fromkeys(wanted.contact_ids))
    stages = await use_cases.stages(session, asking, ids, wanted.held, now=now)
    shown = [contact_id for contact_id in ids if stages[contact_id] is not Stage.NONE]
    people = {contact.id: (contact, company) for contact, company in await contacts.cards(session, ids)}
    wrote = await queries.wrote(session, shown) if shown else {}
    before = await backgrounds(session, shown) if wanted.background else {}
    log.info("contact_cards_shown", kind=caller.subject, subject=wanted.asked_by, count=len(shown))
    return CardsView(
        items=[
            CardView(
                contact_id=contact_id,
                **rules.card(
                    use_cases.said_of(*people[contact_id], now),
                    wrote.get(contact_id, {}),
                    before.get(contact_id),
                    stages[contact_id],
                ),
            )
            if contact_id in people
            else CardView(contact_id=contact_id, status="erased")
            for contact_id in wanted.contact_ids
        ]
    )
