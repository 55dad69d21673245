"""Every SELECT about people and companies."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import Select, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.people.contacts.corrections import held
from services.marketing.people.contacts.matching import Directory, Key
from services.marketing.people.contacts.rules import FIELDS, Company, Contact
from services.marketing.people.contacts.tables import Company as CompanyRow
from services.marketing.people.contacts.tables import Contact as ContactRow
from services.marketing.people.contacts.tables import ContactKey as KeyRow
from services.marketing.people.contacts.tables import ContactKeyHolder as HolderRow
from shared.database import bulk
from shared.database.sessions import Driver, driver

# In the order of ids, so that two batches with a person in common wait for each other.
LOCK_DIRECTORY = bulk.Statement(
    "SELECT k.kind, k.value, k.owns, k.shared, k.attested, c.id, c.verified, c.authenticated, c.company_id, "
    f"c.corrected::text AS corrected, c.{', c.'.join(FIELDS)} FROM ("
    "SELECT k.kind, k.value, k.contact_id, true AS owns, k.shared, k.authenticated AS attested "
    "FROM {wanted} JOIN contact_keys k ON k.kind = wanted.kind AND k.value = wanted.value "
    "UNION ALL SELECT h.kind, h.value, h.contact_id, false, false, h.authenticated "
    "FROM {wanted} JOIN contact_key_holders h ON h.kind = wanted.kind AND h.value = wanted.value"
    ") AS k JOIN contacts c ON c.id = k.contact_id ORDER BY c.id FOR NO KEY UPDATE OF c",
    wanted=bulk.Rows(KeyRow, Key),
)
KEYS = """
SELECT h.kind, h.value, NOT h.authenticated AS unverified,
    k.shared OR EXISTS (
        SELECT FROM contact_key_holders o WHERE o.kind = h.kind AND o.value = h.value
    ) AS shared
FROM (
    SELECT kind, value, authenticated FROM contact_keys WHERE contact_id = $1
    UNION ALL SELECT kind, value, authenticated FROM contact_key_holders WHERE contact_id = $1
) AS h JOIN contact_keys k ON k.kind = h.kind AND k.value = h.value ORDER BY h.kind, h.value
"""
COMPANIES = "SELECT id, domain, name, size, industry, country, authenticated, corrected::text FROM companies"
FORMER = """
SELECT d.domain, c.domain FROM company_domains d JOIN companies c ON c.id = d.company_id
WHERE d.domain = ANY($1::text[])
"""


FACTS = """
SELECT c.id, CASE WHEN 'job_title' = ANY(c.authenticated) THEN c.job_title END AS job_title,
       c.region, c.language, c.time_zone, coalesce(c.country, o.country) AS country,
       o.id AS company_id, coalesce(o.name, c.company_name) AS company_name, o.domain AS company_domain,
       o.size AS company_size, o.industry
FROM contacts c LEFT JOIN companies o ON o.id = c.company_id WHERE c.id = ANY($1::uuid[])
"""


class KnownKey(NamedTuple):
    """An address or number of a contact; `shared` when it leads to others as well."""

    kind: str
    value: str
    unverified: bool
    shared: bool


def _lock_number(key: Key) -> int:
    digest = blake2b(f"contact-key:{key.kind}:{key.value}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


async def lock_directory(connection: Driver, keys: Collection[Key], now: datetime) -> Directory:
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
        key, contact_id = Key(row["kind"], row["value"]), row["id"]
        if row["owns"]:
            directory.owners[key] = contact_id
        else:
            directory.others.setdefault(key, []).append(contact_id)
        if row["shared"]:
            directory.shared.add(key)
        if row["attested"]:
            directory.attested.add((key, contact_id))
        directory.contacts[contact_id] = _contact(row, now)
    return directory


async def lock_contacts(connection: Driver, ids: Collection[UUID], now: datetime) -> dict[UUID, Contact]:
    """These contacts, locked until the commit."""
    rows = await connection.fetch(
        f"SELECT id, verified, authenticated, corrected::text, company_id, {', '.join(FIELDS)} FROM contacts "
        "WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE",
        list(ids),
    )
    return {row["id"]: _contact(row, now) for row in rows}


def _contact(row: asyncpg.Record, now: datetime) -> Contact:
    return Contact(
        row["id"],
        {name: row[name] for name in FIELDS},
        frozenset(row["verified"]),
        row["company_id"],
        frozenset(row["authenticated"]),
        held=_held(row["corrected"], now),
    )


def _company(row: asyncpg.Record, now: datetime) -> Company:
    known = dict(row)
    corrected, authenticated = known.pop("corrected"), frozenset(known.pop("authenticated"))
    return Company(**known, authenticated=authenticated, held=_held(corrected, now))


def _held(corrected: str | None, now: datetime) -> frozenset[str]:
    """The driver gives JSON as its text."""
    return held(orjson.loads(corrected), now) if corrected else frozenset()


async def former_domains(connection: Driver, domains: Collection[str]) -> dict[str, str]:
    """Of those of these domains that were a company's once, the one it has now."""
    return {row[0]: row[1] for row in await connection.fetch(FORMER, list(domains))} if domains else {}


async def companies_by_domain(
    connection: Driver, domains: Sequence[str], now: datetime
) -> dict[str, Company]:
    rows = await connection.fetch(f"{COMPANIES} WHERE domain = ANY($1::text[])", domains)
    return {row["domain"]: _company(row, now) for row in rows}


async def companies_by_id(connection: Driver, ids: Collection[UUID], now: datetime) -> Mapping[UUID, Company]:
    if not ids:
        return {}
    rows = await connection.fetch(f"{COMPANIES} WHERE id = ANY($1::uuid[])", list(ids))
    return {row["id"]: _company(row, now) for row in rows}


async def contact_by_id(session: AsyncSession, contact_id: UUID) -> ContactRow | None:
    return await session.get(ContactRow, contact_id)


async def keys_of(session: AsyncSession, contact_id: UUID) -> list[KnownKey]:
    """Every address and number that leads to this contact."""
    rows = await (await driver(session)).fetch(KEYS, contact_id)
    return [KnownKey(*row.values()) for row in rows]


async def company_by_id(session: AsyncSession, company_id: UUID) -> CompanyRow | None:
    return await session.get(CompanyRow, company_id)


def contacts(keys: Sequence[tuple[str, str]], company_id: UUID | None) -> Select[ContactRow]:
    """Contacts that have all of these keys (kind, value), as their owners or beside them."""
    query = select(ContactRow)
    for kind, value in keys:
        having = [
            select(table.contact_id).where(table.kind == kind, table.value == value)
            for table in (KeyRow, HolderRow)
        ]
        query = query.where(ContactRow.id.in_(union_all(*having)))
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


async def companies_of(session: AsyncSession, contact_ids: Sequence[UUID]) -> dict[UUID, UUID | None]:
    """The company of each of these contacts; of ids that nobody has, nothing."""
    rows = await (await driver(session)).fetch(
        "SELECT id, company_id FROM contacts WHERE id = ANY($1::uuid[])", contact_ids
    )
    return {row["id"]: row["company_id"] for row in rows}


async def facts_of(connection: Driver, contact_ids: Collection[UUID]) -> dict[UUID, asyncpg.Record]:
    """What scoring may look at of these contacts, as is best known now; a title, if no stranger said it."""
    return {row["id"]: row for row in await connection.fetch(FACTS, list(contact_ids))}
