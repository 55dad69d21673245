"""`/v1/contacts`, `/v1/companies`, and `/v1/contact-cards` for the other services."""

from typing import Annotated
from uuid import UUID

import structlog
from fastapi import Depends, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.people.access import COMPANIES, CONTACT_CARDS, CONTACTS
from services.marketing.people.consents import queries as consents
from services.marketing.people.contacts import normalize, queries, rules
from services.marketing.people.contacts.corrections import held
from services.marketing.people.contacts.rules import Word
from services.marketing.people.contacts.schemas import (
    CardsForm,
    CardsView,
    CardView,
    CompanyView,
    ConsentView,
    ContactDetail,
    ContactView,
    KeyView,
)
from services.marketing.people.contacts.tables import Company, Contact
from shared import clock
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
CompanyReaders = Annotated[Caller, Depends(COMPANIES.read)]
Services = Annotated[Caller, Depends(CONTACT_CARDS.read)]
NEWEST_CONTACTS = Order(Contact.created_at, Contact.id, descending=True)
NEWEST_COMPANIES = Order(Company.created_at, Company.id, descending=True)
Said = tuple[str | None, Word]
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
    return NEWEST_CONTACTS.show(rows, paging, ContactView.of)


async def contact_in_full(session: AsyncSession, contact_id: UUID, response: Response) -> ContactDetail:
    """One person as it is now, with the ETag. Raises NotFoundError."""
    row = await queries.contact_by_id(session, contact_id)
    if row is None:
        raise NotFoundError("There is no contact with this id.")
    response.headers["ETag"] = etag(row.version)
    company = await queries.company_by_id(session, row.company_id) if row.company_id else None
    keys = await queries.keys_of(session, contact_id)
    said = await consents.latest(session, contact_id)
    return ContactDetail(
        **ContactView.of(row).model_dump(),
        emails=[KeyView.model_validate(key) for key in keys if key.kind == "email"],
        phones=[KeyView.model_validate(key) for key in keys if key.kind == "phone"],
        company=CompanyView.of(company) if company else None,
        consents=[ConsentView(**dict(one)) for one in said],
    )


@companies.get("")
async def list_companies(
    session: Transaction,
    paging: Paging,
    _: CompanyReaders,
    domain: Annotated[str | None, Query(max_length=300)] = None,
) -> Page[CompanyView]:
    """Companies, newest first."""
    query = queries.companies(domain.strip().lower() if domain else None)
    rows = (await session.scalars(NEWEST_COMPANIES.page(query, paging))).all()
    return NEWEST_COMPANIES.show(rows, paging, CompanyView.of)


@companies.get("/{company_id}")
async def show_company(
    company_id: UUID, session: Transaction, response: Response, _: CompanyReaders
) -> CompanyView:
    """One company; its ETag is what a correction sends back as If-Match."""
    return await company_in_full(session, company_id, response)


async def company_in_full(session: AsyncSession, company_id: UUID, response: Response) -> CompanyView:
    """One company as it is now, with the ETag. Raises NotFoundError."""
    row = await queries.company_by_id(session, company_id)
    if row is None:
        raise NotFoundError("There is no company with this id.")
    response.headers["ETag"] = etag(row.version)
    return CompanyView.of(row)


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
    names = [name for name in ("given_name", "family_name") if getattr(contact, name)]
    first, other = _company_names(contact, company)
    card: dict[str, Said] = {
        "name": (
            " ".join(getattr(contact, name) for name in names) or None,
            min((_word(contact, name) for name in names), default=Word.ANONYMOUS),
        ),
        "email": (contact.email, _word(contact, "email")),
        "phone": (contact.phone, _word(contact, "phone")),
        "company": first,
        "company_otherwise": other if other[0] != first[0] else (None, Word.ANONYMOUS),
    }
    return CardView(
        contact_id=contact_id,
        **{name: value for name, (value, _) in card.items()},
        unverified=[name for name, (value, word) in card.items() if value and word is Word.ANONYMOUS],
    )


def _company_names(contact: Contact, company: Company | None) -> tuple[Said, Said]:
    """What the person's company is called, by the better source, and by the other one."""
    own = contact.company_name, _word(contact, "company_name")
    if company is None:
        return own, (None, Word.ANONYMOUS)
    of_domain = (
        company.name,
        rules.word_on("name", company.authenticated, held=held(company.corrected, clock.now())),
    )
    better = rules.best(own, of_domain)
    if better[0] is None:
        better = company.domain, _word(contact, "company_id")
    return better, own if better == of_domain else of_domain


def _word(contact: Contact, name: str) -> Word:
    standing = held(contact.corrected, clock.now())
    return rules.word_on(name, contact.authenticated, contact.verified, standing)
