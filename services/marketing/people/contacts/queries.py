"""Every SELECT about people and companies, and the set-based writes of identity resolution."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.people.contacts.rules import FIELDS, Contact, Directory, Key
from services.marketing.people.contacts.tables import Company as CompanyRow
from services.marketing.people.contacts.tables import Contact as ContactRow
from services.marketing.people.contacts.tables import ContactKey as KeyRow
from shared.database.sessions import Driver, driver

_COLUMNS = ", ".join(FIELDS)
_TEXTS = ", ".join(f"${number}::text[]" for number in range(2, 2 + len(FIELDS)))

SETTLE_COMPANIES = """
INSERT INTO companies (id, domain, name, size, industry, country, created_at, updated_at)
SELECT i, d, n, s, b, c, $7, $7
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::text[], $6::text[]) AS x(i, d, n, s, b, c)
ON CONFLICT (domain) DO UPDATE
SET name = coalesce(companies.name, excluded.name), size = coalesce(companies.size, excluded.size),
    country = coalesce(companies.country, excluded.country),
    industry = coalesce(companies.industry, excluded.industry), updated_at = excluded.updated_at
WHERE (companies.name IS NULL AND excluded.name IS NOT NULL)
   OR (companies.size IS NULL AND excluded.size IS NOT NULL)
   OR (companies.country IS NULL AND excluded.country IS NOT NULL)
   OR (companies.industry IS NULL AND excluded.industry IS NOT NULL)
"""


@dataclass(frozen=True, slots=True)
class Company:
    """What is known about an organisation."""

    id: UUID
    domain: str
    name: str | None = None
    size: int | None = None
    industry: str | None = None
    country: str | None = None

    def adds_to(self, known: "Company | None") -> bool:
        """Whether it is new, or says something that was not known of it."""
        return known is None or any(
            mine is not None and theirs is None
            for mine, theirs in (
                (self.name, known.name),
                (self.size, known.size),
                (self.industry, known.industry),
                (self.country, known.country),
            )
        )


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
    rows = await connection.fetch(
        f"SELECT k.kind, k.value, k.shared, c.id, c.verified, c.company_id, {_COLUMNS} "
        "FROM unnest($1::text[], $2::text[]) AS wanted(kind, value) "
        "JOIN contact_keys k ON k.kind = wanted.kind AND k.value = wanted.value "
        "JOIN contacts c ON c.id = k.contact_id ORDER BY c.id FOR NO KEY UPDATE OF c",
        [key.kind for key in keys],
        [key.value for key in keys],
    )
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


async def settle_companies(
    connection: Driver, companies: Sequence[Company], now: datetime
) -> Mapping[str, Company]:
    """Store companies not known yet and fill in blanks of known ones; by domain, as they are now.

    Only those are written: a lock on each company that is merely met again would let two batches
    with a customer in common wait for each other.
    """
    if not companies:
        return {}
    known = await _companies_by_domain(connection, [company.domain for company in companies])
    news = [company for company in companies if company.adds_to(known.get(company.domain))]
    if not news:
        return known
    ordered = sorted(news, key=lambda company: company.domain)
    await connection.execute(
        SETTLE_COMPANIES,
        [company.id for company in ordered],
        [company.domain for company in ordered],
        [company.name for company in ordered],
        [company.size for company in ordered],
        [company.industry for company in ordered],
        [company.country for company in ordered],
        now,
    )
    written = await _companies_by_domain(connection, [company.domain for company in ordered])
    return {**known, **written}


async def _companies_by_domain(connection: Driver, domains: Sequence[str]) -> dict[str, Company]:
    rows = await connection.fetch(
        "SELECT id, domain, name, size, industry, country FROM companies WHERE domain = ANY($1::text[])",
        domains,
    )
    return {row["domain"]: Company(*row.values()) for row in rows}


async def companies_by_id(connection: Driver, ids: Collection[UUID]) -> Mapping[UUID, Company]:
    if not ids:
        return {}
    rows = await connection.fetch(
        "SELECT id, domain, name, size, industry, country FROM companies WHERE id = ANY($1::uuid[])",
        list(ids),
    )
    return {row["id"]: Company(*row.values()) for row in rows}


async def save_directory(connection: Driver, directory: Directory, now: datetime) -> None:
    """Write new contacts, changed ones, claimed keys and keys found to be shared."""
    changed = [contact for contact in directory.contacts.values() if contact.changed]
    new = [contact for contact in changed if contact.created]
    old = [contact for contact in changed if not contact.created]
    if new or directory.claimed:
        # One statement: the keys' reference to new contacts is checked at its end.
        await connection.execute(
            "WITH made AS (INSERT INTO contacts "
            f"(id, {_COLUMNS}, verified, company_id, created_at, updated_at) "
            f"SELECT i, {_COLUMNS}, string_to_array(v, ' '), o, $14, $14 "
            f"FROM unnest($1::uuid[], {_TEXTS}, $12::text[], $13::uuid[]) AS x(i, {_COLUMNS}, v, o)) "
            "INSERT INTO contact_keys (kind, value, contact_id) "
            "SELECT * FROM unnest($15::text[], $16::text[], $17::uuid[])",
            *_arrays(new),
            now,
            [key.kind for key in directory.claimed],
            [key.value for key in directory.claimed],
            list(directory.claimed.values()),
        )
    if old:
        sets = ", ".join(f"{name} = x.{name}" for name in FIELDS)
        await connection.execute(
            f"UPDATE contacts c SET {sets}, verified = string_to_array(x.v, ' '), company_id = x.o, "
            "updated_at = $14, version = c.version + 1 "
            f"FROM unnest($1::uuid[], {_TEXTS}, $12::text[], $13::uuid[]) AS x(i, {_COLUMNS}, v, o) "
            "WHERE c.id = x.i",
            *_arrays(old),
            now,
        )
    if directory.newly_shared:
        await connection.execute(
            "UPDATE contact_keys k SET shared = true FROM unnest($1::text[], $2::text[]) AS x(kind, value) "
            "WHERE k.kind = x.kind AND k.value = x.value",
            [key.kind for key in directory.newly_shared],
            [key.value for key in directory.newly_shared],
        )


def _arrays(contacts: Sequence[Contact]) -> list[Any]:
    return [
        [contact.id for contact in contacts],
        *([contact.fields.get(name) for contact in contacts] for name in FIELDS),
        [" ".join(sorted(contact.verified)) for contact in contacts],
        [contact.company_id for contact in contacts],
    ]


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
