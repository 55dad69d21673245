"""The set-based writes of identity resolution."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.marketing.people.contacts import tables
from services.marketing.people.contacts.rules import Company, Contact, Directory, Key, Kind
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
    company_id: UUID | None


class Claimed(NamedTuple):
    """A key and the contact it leads to from now on."""

    kind: Kind
    value: str
    contact_id: UUID


# Only blanks are filled, and a company of which nothing new is said is not written.
BLANKS = ("name", "size", "country", "industry")
SETTLE_COMPANIES = bulk.insert(
    tables.Company,
    Company,
    constants=("created_at", "updated_at"),
    on_conflict=bulk.replace(
        "domain",
        keeps=("id", "created_at"),
        where=" OR ".join(f"(t.{name} IS NULL AND excluded.{name} IS NOT NULL)" for name in BLANKS),
        updates={name: f"coalesce(t.{name}, excluded.{name})" for name in BLANKS},
    ),
)
# One statement: the keys' reference to new contacts is checked at its end.
ADD = bulk.together(
    contacts=bulk.insert(tables.Contact, ContactRow, constants=("created_at", "updated_at")),
    claimed=bulk.insert(tables.ContactKey, Claimed),
)
CHANGE = bulk.update(
    tables.Contact,
    ContactRow,
    key=("id",),
    constants=("updated_at",),
    computed={"version": "t.version + 1"},
)
SHARE = bulk.update(tables.ContactKey, Key, key=("kind", "value"), computed={"shared": "true"})


async def save_directory(connection: Driver, directory: Directory, now: datetime) -> None:
    """Write new contacts, changed ones, claimed keys and keys found to be shared."""
    changed = [contact for contact in directory.contacts.values() if contact.changed]
    new = [_row_of(contact) for contact in changed if contact.created]
    claimed = [Claimed(key.kind, key.value, contact_id) for key, contact_id in directory.claimed.items()]
    await ADD(connection, contacts=new, claimed=claimed, created_at=now, updated_at=now)
    old = [_row_of(contact) for contact in changed if not contact.created]
    await CHANGE(connection, old, updated_at=now)
    await SHARE(connection, directory.newly_shared)


def _row_of(contact: Contact) -> ContactRow:
    return ContactRow(
        id=contact.id, verified=sorted(contact.verified), company_id=contact.company_id, **contact.fields
    )
