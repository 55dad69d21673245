"""The set-based writes of identity resolution."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.marketing.people.contacts import tables
from services.marketing.people.contacts.matching import Directory, Holding, Key
from services.marketing.people.contacts.rules import COMPANY_FIELDS, Company, Contact, Kind
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


def _better(name: str) -> str:
    """SQL for the value of a company's field: the known one, but for a blank and for a better source."""
    told = f"'{name}' = ANY(excluded.authenticated) AND NOT '{name}' = ANY(t.authenticated)"
    return f"CASE WHEN {told} THEN excluded.{name} ELSE coalesce(t.{name}, excluded.{name}) END"


# A company of which nothing new is said, and nothing with a better word, is not written.
SETTLE_COMPANIES = bulk.insert(
    tables.Company,
    Company,
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
