"""The set-based writes of identity resolution."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from services.marketing.people.contacts import tables
from services.marketing.people.contacts.corrections import FOR_GOOD, HELD_FOR, Offered
from services.marketing.people.contacts.matching import Directory, Holding, Key
from services.marketing.people.contacts.rules import COMPANY_FIELDS, Company, Contact, Kind
from shared import clock
from shared.database import bulk
from shared.database.sessions import Driver


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    """A contact as it is written, its fields apart."""

    id: UUID
    email: str | None = None
    phone: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    job_title: str | None = None
    company_name: str | None = None
    country: str | None = None
    region: str | None = None
    language: str | None = None
    time_zone: str | None = None
    verified: Sequence[str]
    authenticated: Sequence[str]
    company_id: UUID | None


class Held(NamedTuple):
    """A key and a contact that has it from now on."""

    kind: Kind
    value: str
    contact_id: UUID
    authenticated: bool = True


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One field of a contact or company: what a person corrected, or what a source offered instead."""

    id: UUID
    kind: Literal["corrected", "offered"]
    field: str
    before: str | None
    after: str | None
    by: str | None
    at: datetime
    contact_id: UUID | None = None
    company_id: UUID | None = None


def _stands(name: str) -> str:
    """SQL for whether a person's correction holds a company's field; `corrections.held` in Python."""
    if name in FOR_GOOD:
        return f"coalesce(t.corrected ? '{name}', false)"
    since = f"(t.corrected->>'{name}')::timestamptz"
    return f"coalesce({since} > excluded.updated_at - interval '{HELD_FOR.days} days', false)"


def _better(name: str) -> str:
    """SQL for the value of a company's field: the known one, but for a blank and for a better source."""
    told = f"'{name}' = ANY(excluded.authenticated) AND NOT '{name}' = ANY(t.authenticated)"
    kept = f"CASE WHEN {told} THEN excluded.{name} ELSE coalesce(t.{name}, excluded.{name}) END"
    return f"CASE WHEN {_stands(name)} THEN t.{name} ELSE {kept} END"


# A company of which nothing new is said, and nothing with a better word, is not written.
SETTLE_COMPANIES = bulk.insert(
    tables.Company,
    Company,
    only=("id", "domain", *COMPANY_FIELDS, "authenticated"),
    constants=("created_at", "updated_at"),
    on_conflict=bulk.replace(
        "domain",
        keeps=("id", "created_at"),
        where=" OR ".join(
            [
                "NOT excluded.authenticated <@ t.authenticated",
                *(f"(t.{name} IS NULL AND excluded.{name} IS NOT NULL)" for name in COMPANY_FIELDS),
            ]
        ),
        updates={
            **{name: _better(name) for name in COMPANY_FIELDS},
            "authenticated": "ARRAY(SELECT DISTINCT unnest(t.authenticated || excluded.authenticated))",
            "version": "t.version + 1",
        },
    ),
)
# One statement: the keys' reference to new contacts is checked at its end.
ADD = bulk.together(
    contacts=bulk.insert(tables.Contact, ContactRow, constants=("created_at", "updated_at")),
    claimed=bulk.insert(tables.ContactKey, Held),
)
CHANGE = bulk.update(
    tables.Contact,
    ContactRow,
    key=("id",),
    constants=("updated_at",),
    computed={"version": "t.version + 1"},
)
SHARE = bulk.update(tables.ContactKey, Key, key=("kind", "value"), computed={"shared": "true"})
JOIN = bulk.insert(tables.ContactKeyHolder, Held, on_conflict=bulk.keep("kind", "value", "contact_id"))
# Who has a key stands in one of the two tables.
HOLDING = ("kind", "value", "contact_id")
ATTEST = (
    bulk.update(tables.ContactKey, Held, key=HOLDING),
    bulk.update(tables.ContactKeyHolder, Held, key=HOLDING),
)


OF_A_ROW = ("id", "kind", "field", "before", "after", "by", "at")
NOTE_CONTACTS = bulk.insert(
    tables.ContactHistory, HistoryRow, only=(*OF_A_ROW, "contact_id"), on_conflict=bulk.keep()
)
NOTE_COMPANIES = bulk.insert(
    tables.CompanyHistory, HistoryRow, only=(*OF_A_ROW, "company_id"), on_conflict=bulk.keep()
)
MARK_CONTACT = """
UPDATE contacts SET corrected = coalesce(corrected, '{}') || $2::text::jsonb WHERE id = $1
"""
CORRECT_COMPANY = """
UPDATE companies SET domain = $2, name = $3, size = $4, industry = $5, country = $6, authenticated = $7,
       corrected = coalesce(corrected, '{}') || $8::text::jsonb, updated_at = $9, version = version + 1
WHERE id = $1
"""
FORMER_DOMAIN = """
INSERT INTO company_domains (domain, company_id) VALUES ($1, $2)
ON CONFLICT (domain) DO UPDATE SET company_id = excluded.company_id
"""
NO_FORMER_DOMAIN = "DELETE FROM company_domains WHERE domain = $1 AND company_id = $2"
# Whoever has the key besides becomes its owner, the one who had it first; else nobody has it.
LET_GO = """
WITH mine AS (
    DELETE FROM contact_keys WHERE kind = $1 AND value = $2 AND contact_id = $3 RETURNING kind, value, shared
), beside AS (
    DELETE FROM contact_key_holders WHERE kind = $1 AND value = $2 AND contact_id = $3
), heir AS (
    DELETE FROM contact_key_holders h USING (
        SELECT o.kind, o.value, o.contact_id, m.shared FROM mine m
        JOIN contact_key_holders o ON o.kind = m.kind AND o.value = m.value
        ORDER BY o.contact_id LIMIT 1
    ) AS next
    WHERE h.kind = next.kind AND h.value = next.value AND h.contact_id = next.contact_id
    RETURNING h.kind, h.value, h.contact_id, next.shared, h.authenticated
)
SELECT kind, value, contact_id, shared, authenticated FROM heir
"""
INHERIT = """
INSERT INTO contact_keys (kind, value, contact_id, shared, authenticated) VALUES ($1, $2, $3, $4, $5)
"""


async def keep_offered_of_contacts(
    connection: Driver, offered: Sequence[tuple[UUID, Offered]], now: datetime
) -> None:
    """The same offer again is none."""
    rows = [
        HistoryRow(clock.new_id(), "offered", one.field, one.before, one.after, None, now, contact_id=of)
        for of, one in offered
    ]
    await NOTE_CONTACTS(connection, rows)


async def keep_offered_of_companies(
    connection: Driver, offered: Sequence[tuple[UUID, Offered]], now: datetime
) -> None:
    rows = [
        HistoryRow(clock.new_id(), "offered", one.field, one.before, one.after, None, now, company_id=of)
        for of, one in offered
    ]
    await NOTE_COMPANIES(connection, rows)


async def save_directory(connection: Driver, directory: Directory, now: datetime) -> None:
    """Write new contacts, changed ones, who has which key, and keys found to be shared."""
    changed = [contact for contact in directory.contacts.values() if contact.changed]
    new = [_row_of(contact) for contact in changed if contact.created]
    claimed = _held(directory, directory.claimed.items())
    await ADD(connection, contacts=new, claimed=claimed, created_at=now, updated_at=now)
    old = [_row_of(contact) for contact in changed if not contact.created]
    await CHANGE(connection, old, updated_at=now)
    await JOIN(connection, _held(directory, directory.joined))
    if directory.newly_attested:
        known = directory.newly_attested.difference(directory.claimed.items(), directory.joined)
        for attest in ATTEST:
            await attest(connection, _held(directory, known))
    await SHARE(connection, directory.newly_shared)


def _held(directory: Directory, holdings: Iterable[Holding]) -> list[Held]:
    attested = directory.attested
    return [
        Held(key.kind, key.value, contact_id, bool(attested) and (key, contact_id) in attested)
        for key, contact_id in holdings
    ]


def _row_of(contact: Contact) -> ContactRow:
    return ContactRow(
        id=contact.id,
        verified=sorted(contact.verified),
        authenticated=sorted(contact.authenticated),
        company_id=contact.company_id,
        **contact.fields,
    )


async def let_go(connection: Driver, key: Key, contact_id: UUID) -> None:
    """The key leads to this contact no longer. The caller holds the key's lock."""
    for heir in await connection.fetch(LET_GO, key.kind, key.value, contact_id):
        await connection.execute(INHERIT, *heir.values())
