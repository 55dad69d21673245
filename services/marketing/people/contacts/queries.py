"""Every SELECT about people and companies."""

from collections.abc import Collection, Mapping, Sequence
from hashlib import blake2b
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.people.contacts.rules import FIELDS, Company, Contact, Directory, Key
from services.marketing.people.contacts.tables import Company as CompanyRow
from services.marketing.people.contacts.tables import Contact as ContactRow
from services.marketing.people.contacts.tables import ContactKey as KeyRow
from shared.database import bulk
from shared.database.sessions import Driver, driver

# In the order of ids, so that two batches with a person in common wait for each other.
LOCK_DIRECTORY = bulk.Statement(
    f"SELECT k.kind, k.value, k.shared, c.id, c.verified, c.company_id, c.{', c.'.join(FIELDS)} "
    "FROM {wanted} JOIN contact_keys k ON k.kind = wanted.kind AND k.value = wanted.value "
    "JOIN contacts c ON c.id = k.contact_id ORDER BY c.id FOR NO KEY UPDATE OF c",
    wanted=bulk.Rows(KeyRow, Key),
)
COMPANIES = "SELECT id, domain, name, size, industry, country FROM companies"


def _lock_number(key: Key) -> int:
    digest = blake2b(f"contact-key:{key.kind}:{key.value}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


async def lock_directory(connection: Driver, keys: Collection[Key]) -> Directory:
    """Everyone these keys lead to. Until the commit nobody else resolves the same keys.

    Advisory locks, because the keys of a new person have no row yet that could be locked;
    taken in one order, so that two batches wait for each other instead of deadlocking.
    """
    if not keys:
        return Directory()
    await connection.execute(
        "SELECT pg_advisory_xact_lock(n) FROM unnest($1::bigint[]) AS n",
        sorted({_lock_number(key) for key in keys}),
    )
    rows = await LOCK_DIRECTORY(connection, wanted=keys)
    directory = Directory()
    for row in rows:
        key = Key(row["kind"], row["value"])
        directory.owners[key] = row["id"]
        if row["shared"]:
            directory.shared.add(key)
        directory.contacts[row["id"]] = Contact(
            row["id"], {name: row[name] for name in FIELDS}, frozenset(row["verified"]), row["company_id"]
        )
    return directory


async def lock_contacts(connection: Driver, ids: Collection[UUID]) -> dict[UUID, Contact]:
    """These contacts, locked until the commit."""
    rows = await connection.fetch(
        f"SELECT id, verified, company_id, {', '.join(FIELDS)} FROM contacts "
        "WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE",
        list(ids),
    )
    return {
        row["id"]: Contact(
            row["id"], {name: row[name] for name in FIELDS}, frozenset(row["verified"]), row["company_id"]
        )
        for row in rows
    }


async def companies_by_domain(connection: Driver, domains: Sequence[str]) -> dict[str, Company]:
    rows = await connection.fetch(f"{COMPANIES} WHERE domain = ANY($1::text[])", domains)
    return {row["domain"]: Company(*row.values()) for row in rows}


async def companies_by_id(connection: Driver, ids: Collection[UUID]) -> Mapping[UUID, Company]:
    if not ids:
        return {}
    rows = await connection.fetch(f"{COMPANIES} WHERE id = ANY($1::uuid[])", list(ids))
    return {row["id"]: Company(*row.values()) for row in rows}


async def contact_by_id(session: AsyncSession, contact_id: UUID) -> ContactRow | None:
    return await session.get(ContactRow, contact_id)


async def company_by_id(session: AsyncSession, company_id: UUID) -> CompanyRow | None:
    return await session.get(CompanyRow, company_id)


def contacts(keys: Sequence[tuple[str, str]], company_id: UUID | None) -> Select[ContactRow]:
    """Contacts that have all of these keys (kind, value)."""
    query = select(ContactRow)
    for kind, value in keys:
        owner = select(KeyRow.contact_id).where(KeyRow.kind == kind, KeyRow.value == value)
        query = query.where(ContactRow.id.in_(owner))
    return query.where(ContactRow.company_id == company_id) if company_id else query


def companies(domain: str | None) -> Select[CompanyRow]:
    query = select(CompanyRow)
    return query.where(CompanyRow.domain == domain) if domain else query


async def cards(
    session: AsyncSession, contact_ids: Collection[UUID]
) -> Sequence[tuple[ContactRow, CompanyRow | None]]:
    """The contacts of these ids with their companies."""
    rows = await session.execute(
        select(ContactRow, CompanyRow)
        .outerjoin(CompanyRow, CompanyRow.id == ContactRow.company_id)
        .where(ContactRow.id.in_(contact_ids))
    )
    return [(contact, company) for contact, company in rows]


async def known_contacts(session: AsyncSession, contact_ids: Sequence[UUID]) -> set[UUID]:
    """Which of these contacts exist."""
    connection = await driver(session)
    rows = await connection.fetch("SELECT id FROM contacts WHERE id = ANY($1::uuid[])", contact_ids)
    return {row["id"] for row in rows}
