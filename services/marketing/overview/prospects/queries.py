"""Every SELECT on prospects."""

from collections.abc import Collection, Sequence
from uuid import UUID

from asyncpg import Record
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database.sessions import driver

MOST = 20
# From source to source by the index of (source_id, external_id): there are few, and the id is of one of them.
BY_EXTERNAL_ID = f"""
WITH RECURSIVE sources AS (
    (SELECT source_id FROM submissions WHERE external_id IS NOT NULL ORDER BY source_id LIMIT 1)
    UNION ALL
    SELECT (
        SELECT x.source_id FROM submissions x
        WHERE x.external_id IS NOT NULL AND x.source_id > sources.source_id ORDER BY x.source_id LIMIT 1
    ) FROM sources WHERE sources.source_id IS NOT NULL
)
SELECT DISTINCT x.contact_id AS id
FROM sources JOIN submissions x ON x.source_id = sources.source_id AND x.external_id = $1
WHERE x.contact_id IS NOT NULL LIMIT {MOST}
"""
BY_KEY = f"""
SELECT contact_id AS id FROM contact_keys WHERE kind = $1 AND value = $2
UNION SELECT contact_id FROM contact_key_holders WHERE kind = $1 AND value = $2 LIMIT {MOST}
"""
PEOPLE = """
SELECT c.id, nullif(concat_ws(' ', c.given_name, c.family_name), '') AS name, c.company_id,
       coalesce(o.name, c.company_name, o.domain) AS company
FROM contacts c LEFT JOIN companies o ON o.id = c.company_id WHERE c.id = ANY($1::uuid[]) ORDER BY c.id
"""
COMPANY = """
SELECT id, domain, name FROM companies
WHERE domain = $1 OR id = (SELECT company_id FROM company_domains WHERE domain = $1) LIMIT 1
"""
# Qualified, and no rep has it yet: handoff gives it to somebody, or holds it because it is of the past.
ROUTED = """
SELECT l.contact_id FROM leads l JOIN lead_cycles c ON c.lead_id = l.id AND c.cycle = l.cycle
WHERE l.contact_id = ANY($1::uuid[]) AND c.qualified_at IS NOT NULL AND c.withdrawn_at IS NULL
  AND c.accepted_at IS NULL AND c.returned_at IS NULL AND c.outcome IS NULL
  AND c.backfill IS DISTINCT FROM 'held'
"""
REP = """
SELECT rep_id, subject FROM holders
WHERE active AND CASE WHEN $2::uuid IS NULL THEN subject = $1
                      ELSE rep_id = $2 AND ($3 OR subject = $1 OR manager_subject = $1) END
ORDER BY rep_id DESC LIMIT 1
"""


async def by_key(session: AsyncSession, kind: str, value: str) -> list[UUID]:
    """Whom this address or number leads to."""
    return [row["id"] for row in await (await driver(session)).fetch(BY_KEY, kind, value)]


async def by_external_id(session: AsyncSession, external_id: str) -> list[UUID]:
    """Who came with this id, from whatever source."""
    return [row["id"] for row in await (await driver(session)).fetch(BY_EXTERNAL_ID, external_id)]


async def people(session: AsyncSession, ids: Collection[UUID]) -> Sequence[Record]:
    return await (await driver(session)).fetch(PEOPLE, list(ids))


async def company(session: AsyncSession, domain: str) -> Record | None:
    """The company that has this domain, or had it."""
    return await (await driver(session)).fetchrow(COMPANY, domain)


async def routed(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Those whose lead handoff has, and no rep yet."""
    return {row["contact_id"] for row in await (await driver(session)).fetch(ROUTED, list(ids))}


async def rep(session: AsyncSession, subject: str, rep_id: UUID | None, *, of_all: bool) -> UUID | None:
    """The active rep who signs in so, or this one of theirs (`of_all`: of anybody's)."""
    row = await (await driver(session)).fetchrow(REP, subject, rep_id, of_all)
    return row["rep_id"] if row else None
