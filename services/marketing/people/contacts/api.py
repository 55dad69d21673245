"""`/v1/contacts` and `/v1/companies`."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.people.access import COMPANIES, CONTACTS
from services.marketing.people.consents import queries as consents
from services.marketing.people.contacts import normalize, queries
from services.marketing.people.contacts.schemas import (
    CompanyView,
    ConsentView,
    ContactDetail,
    ContactView,
    KeyView,
)
from services.marketing.people.contacts.tables import Company, Contact
from shared.auth.access import Caller
from shared.errors import NotFoundError
from shared.http.etags import etag
from shared.http.paging import Order, Page, Paging
from shared.http.service import Transaction, router

contacts = router("/v1/contacts", tags=["contacts"])
companies = router("/v1/companies", tags=["companies"])
Readers = Annotated[Caller, Depends(CONTACTS.read)]
CompanyReaders = Annotated[Caller, Depends(COMPANIES.read)]
NEWEST_CONTACTS = Order(Contact.created_at, Contact.id, descending=True)
NEWEST_COMPANIES = Order(Company.created_at, Company.id, descending=True)


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
