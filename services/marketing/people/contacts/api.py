"""`/v1/contacts`, `/v1/companies`, and `/v1/contact-cards` for the other services."""

from typing import Annotated
from uuid import UUID

import structlog
from fastapi import Depends, Query, Response

from services.marketing.people.access import CONTACT_CARDS, CONTACTS
from services.marketing.people.consents import queries as consents
from services.marketing.people.contacts import normalize, queries
from services.marketing.people.contacts.schemas import (
    CardsForm,
    CardsView,
    CardView,
    CompanyView,
    ConsentView,
    ContactDetailView,
    ContactView,
)
from services.marketing.people.contacts.tables import Company, Contact
from shared.auth.access import Caller
from shared.errors import NotFoundError
from shared.http.etags import etag
from shared.http.limits import KIB
from shared.http.paging import Order, Page, Paging
from shared.http.service import Transaction, router

contacts = router("/v1/contacts", tags=["contacts"])
companies = router("/v1/companies", tags=["companies"])
cards = router("/v1/contact-cards", tags=["contacts"])
Readers = Annotated[Caller, Depends(CONTACTS.read)]
Services = Annotated[Caller, Depends(CONTACT_CARDS.read)]
NEWEST_CONTACTS = Order(Contact.created_at, Contact.id, descending=True)
NEWEST_COMPANIES = Order(Company.created_at, Company.id, descending=True)
log = structlog.get_logger()


@contacts.get("")
async def list_contacts(
    session: Transaction,
    paging: Paging,
    _: Readers,
    email: Annotated[str | None, Query(max_length=254, description="Any address of theirs.")] = None,
    phone: Annotated[str | None, Query(max_length=40, description="In E.164.")] = None,
    company_id: Annotated[UUID | None, Query()] = None,
) -> Page[ContactView]:
    """People, newest first. By e-mail or phone it finds whoever a submission with it would find."""
    keys = [("email", normalize.email(email) or "")] if email else []
    keys += [("phone", normalize.phone(phone) or "")] if phone else []
    query = queries.contacts(keys, company_id)
    rows = (await session.scalars(NEWEST_CONTACTS.page(query, paging))).all()
    return NEWEST_CONTACTS.show(rows, paging, ContactView.model_validate)


@contacts.get("/{contact_id}")
async def show_contact(
    contact_id: UUID, session: Transaction, response: Response, _: Readers
) -> ContactDetailView:
    """One person, with what they agreed to and refused last."""
    row = await queries.contact_by_id(session, contact_id)
    if row is None:
        raise NotFoundError("There is no contact with this id.")
    response.headers["ETag"] = etag(row.version)
    said = [ConsentView(**dict(one)) for one in await consents.latest(session, contact_id)]
    return ContactDetailView(**ContactView.model_validate(row).model_dump(), consents=said)


@companies.get("")
async def list_companies(
    session: Transaction,
    paging: Paging,
    _: Readers,
    domain: Annotated[str | None, Query(max_length=300)] = None,
) -> Page[CompanyView]:
    """Companies, newest first."""
    query = queries.companies(domain.strip().lower() if domain else None)
    rows = (await session.scalars(NEWEST_COMPANIES.page(query, paging))).all()
    return NEWEST_COMPANIES.show(rows, paging, CompanyView.model_validate)


@companies.get("/{company_id}")
async def show_company(company_id: UUID, session: Transaction, _: Readers) -> CompanyView:
    """One company."""
    row = await queries.company_by_id(session, company_id)
    if row is None:
        raise NotFoundError("There is no company with this id.")
    return CompanyView.model_validate(row)


@cards.post("", max_body_size=16 * KIB)
async def show_cards(wanted: CardsForm, session: Transaction, caller: Services) -> CardsView:
    """How to reach these people, for another service to show. It is logged who asked."""
    found = {
        contact.id: (contact, company)
        for contact, company in await queries.cards(session, wanted.contact_ids)
    }
    log.info("contact_cards_shown", kind=caller.subject, subject=wanted.asked_by, count=len(found))
    return CardsView(items=[_card(contact_id, found.get(contact_id)) for contact_id in wanted.contact_ids])


def _card(contact_id: UUID, found: tuple[Contact, Company | None] | None) -> CardView:
    if found is None:
        return CardView(contact_id=contact_id, status="erased")
    contact, company = found
    return CardView(
        contact_id=contact_id,
        name=" ".join(filter(None, (contact.given_name, contact.family_name))) or None,
        email=contact.email,
        phone=contact.phone,
        company=(company.name or company.domain) if company else contact.company_name,
    )
