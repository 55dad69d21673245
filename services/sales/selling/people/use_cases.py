"""Putting people on an open deal and taking them off."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.selling.access import DEALS
from services.sales.selling.deals.rules import OPEN
from services.sales.selling.deals.tables import Deal
from services.sales.selling.deals.trail import changing
from services.sales.selling.deals.use_cases import take
from services.sales.selling.people.rules import fault, in_order
from services.sales.selling.people.schemas import PeopleForm
from shared.auth.access import Caller
from shared.errors import ConflictError, InvalidError
from shared.events.sales import DealContactsChanged
from shared.messaging import outbox


def newcomers(deal: Deal, form: PeopleForm) -> list[UUID]:
    """Who is not on the deal yet: of them has to be known that they may be."""
    return [one.contact_id for one in form.contacts if one.contact_id not in deal.contact_ids]


async def change_people(
    session: AsyncSession,
    caller: Caller,
    deal_id: UUID,
    form: PeopleForm,
    *,
    if_match: int | None,
    now: datetime,
) -> Deal:
    """The caller has asked about who is new. Raises what `take` does, ConflictError, InvalidError."""
    deal = await take(session, caller, deal_id, DEALS.change, if_match=if_match)
    if deal.state != OPEN:
        raise ConflictError(
            f"The deal is {deal.state}: who was on it at the close has earned it. Reopen it to correct that."
        )
    wanted = [one.contact_id for one in form.contacts]
    why_not = fault(deal.contact_ids, wanted, of_a_lead=deal.lead_id is not None)
    if why_not is not None:
        raise InvalidError(
            "These can't be the people on it.", errors=[{"pointer": "/contacts", "detail": why_not}]
        )
    roles: dict[str, str] = {str(one.contact_id): one.role for one in form.contacts if one.role is not None}
    people = in_order(deal.contact_ids, wanted)
    if (people, roles) == (deal.contact_ids, deal.contact_roles):
        return deal
    with changing(session, deal, by=caller.subject, at=now, why=form.why):
        deal.contact_ids, deal.contact_roles = people, roles
        deal.version += 1
    await session.flush()
    event = DealContactsChanged(
        version=deal.version,
        deal_id=deal.id,
        lead_id=deal.lead_id,
        cycle=deal.cycle,
        contact_ids=tuple(people),
        roles={UUID(one): role for one, role in roles.items()},
        company_id=deal.company_id,
        rep_id=deal.rep_id,
        amount_minor=deal.deal_state.net_minor,
        currency=deal.currency,
        changed_at=now,
    )
    await outbox.stage(session, [event])
    return deal
