"""`PATCH /v1/contacts/{id}`, `PATCH /v1/companies/{id}`, and what was corrected before."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from services.marketing.people.access import COMPANIES, ONE_CONTACT
from services.marketing.people.contacts import queries as contacts
from services.marketing.people.contacts.api import company_in_full, contact_in_full
from services.marketing.people.contacts.schemas import CompanyView, ContactDetail
from services.marketing.people.contacts.tables import CompanyHistory, ContactHistory
from services.marketing.people.corrections import queries, use_cases
from services.marketing.people.corrections.schemas import CompanyCorrection, ContactCorrection, HistoryView
from shared import clock
from shared.auth.access import Caller
from shared.errors import NotFoundError
from shared.http.etags import IfMatchDemanded
from shared.http.paging import Order, Page, Paging
from shared.http.service import Transaction, router

contact_corrections = router("/v1/contacts", tags=["contacts"])
company_corrections = router("/v1/companies", tags=["companies"])
Readers = Annotated[Caller, Depends(ONE_CONTACT.read)]
Writers = Annotated[Caller, Depends(ONE_CONTACT.change)]
CompanyReaders = Annotated[Caller, Depends(COMPANIES.read)]
CompanyWriters = Annotated[Caller, Depends(COMPANIES.change)]
LATEST_OF_CONTACT = Order(ContactHistory.at, ContactHistory.id, descending=True)
LATEST_OF_COMPANY = Order(CompanyHistory.at, CompanyHistory.id, descending=True)


@contact_corrections.get("/{contact_id}")
async def show_contact(
    contact_id: UUID, session: Transaction, response: Response, caller: Readers
) -> ContactDetail:
    """One person, with every address and number of theirs, and what they agreed to and refused last.

    A rep sees whom they hold: whose lead they have accepted, or who is on a deal of theirs. The ETag is
    what a correction sends back as If-Match.
    """
    await use_cases.check_seen(session, caller, contact_id, now=clock.now())
    return await contact_in_full(session, contact_id, response)


@contact_corrections.patch("/{contact_id}")
async def correct_contact(
    contact_id: UUID,
    correction: ContactCorrection,
    session: Transaction,
    response: Response,
    if_match: IfMatchDemanded,
    caller: Writers,
) -> ContactDetail:
    """Say what is right of a person: no source overwrites it.

    Reps correct phone and names, of whom they hold. An address or number that is replaced goes on leading to
    them; one that is cleared (null) does not. The lead is scored by what is right with its next arrival.
    """
    await use_cases.correct_contact(
        session, caller, contact_id, correction, if_match=if_match, now=clock.now()
    )
    return await contact_in_full(session, contact_id, response)


@contact_corrections.get("/{contact_id}/history")
async def show_contact_history(
    contact_id: UUID, session: Transaction, paging: Paging, caller: Readers
) -> Page[HistoryView]:
    """What was corrected in a contact, by whom, the latest first; and what sources offered instead since."""
    await use_cases.check_seen(session, caller, contact_id, now=clock.now())
    if await contacts.contact_by_id(session, contact_id) is None:
        raise NotFoundError(use_cases.NOBODY)
    query = LATEST_OF_CONTACT.page(queries.contact_history(contact_id), paging)
    return LATEST_OF_CONTACT.show((await session.scalars(query)).all(), paging, HistoryView.model_validate)


@company_corrections.patch("/{company_id}")
async def correct_company(
    company_id: UUID,
    correction: CompanyCorrection,
    session: Transaction,
    response: Response,
    if_match: IfMatchDemanded,
    caller: CompanyWriters,
) -> CompanyView:
    """Say what is right of an organisation: no source overwrites it.

    Deals and leads that are with sales go on showing the name they were handed over with.
    """
    await use_cases.correct_company(
        session, caller, company_id, correction, if_match=if_match, now=clock.now()
    )
    return await company_in_full(session, company_id, response)


@company_corrections.get("/{company_id}/history")
async def show_company_history(
    company_id: UUID, session: Transaction, paging: Paging, _: CompanyReaders
) -> Page[HistoryView]:
    """What was corrected in a company, by whom, the latest first; and what sources offered instead since."""
    if await contacts.company_by_id(session, company_id) is None:
        raise NotFoundError(use_cases.NO_COMPANY)
    query = LATEST_OF_COMPANY.page(queries.company_history(company_id), paging)
    return LATEST_OF_COMPANY.show((await session.scalars(query)).all(), paging, HistoryView.model_validate)
