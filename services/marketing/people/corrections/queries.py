"""The SELECTs of corrections: what is corrected, locked, and its history."""

from uuid import UUID

import asyncpg
from sqlalchemy import Select, select

from services.marketing.people.contacts.rules import COMPANY_FIELDS, FIELDS
from services.marketing.people.contacts.tables import CompanyHistory, ContactHistory
from shared.database.sessions import Driver

CONTACT = f"SELECT version, verified, authenticated, {', '.join(FIELDS)} FROM contacts WHERE id = $1"
COMPANY = f"SELECT version, domain, authenticated, {', '.join(COMPANY_FIELDS)} FROM companies WHERE id = $1"
# Who has a company's domain, now or formerly.
OF_DOMAIN = """
SELECT id FROM companies WHERE domain = $1
UNION ALL SELECT company_id FROM company_domains WHERE domain = $1
"""


async def contact(connection: Driver, contact_id: UUID) -> asyncpg.Record | None:
    return await connection.fetchrow(CONTACT, contact_id)


async def lock_contact(connection: Driver, contact_id: UUID) -> asyncpg.Record | None:
    return await connection.fetchrow(f"{CONTACT} FOR NO KEY UPDATE", contact_id)


async def lock_company(connection: Driver, company_id: UUID) -> asyncpg.Record | None:
    return await connection.fetchrow(f"{COMPANY} FOR NO KEY UPDATE", company_id)


async def companies_of(connection: Driver, domain: str) -> list[UUID]:
    """The companies that this domain leads to, or led to."""
    return [row[0] for row in await connection.fetch(OF_DOMAIN, domain)]


def contact_history(contact_id: UUID) -> Select[ContactHistory]:
    return select(ContactHistory).where(ContactHistory.contact_id == contact_id)


def company_history(company_id: UUID) -> Select[CompanyHistory]:
    return select(CompanyHistory).where(CompanyHistory.company_id == company_id)
