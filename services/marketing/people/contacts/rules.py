"""Which contact a person is. Pure: keys known so far come in, decisions go out.

Keys match exactly: the normalised e-mail address, the phone number in E.164. A strong key
decides alone. Weak ones (a role mailbox, a number no country has given out, a number seen
with different people) decide only for a person who has nothing stronger.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from uuid import UUID

from services.marketing.people.contacts import normalize as fields

Kind = Literal["email", "phone"]
FIELDS = (
    "email",
    "phone",
    "given_name",
    "family_name",
    "job_title",
    "company_name",
    "country",
    "region",
    "language",
    "time_zone",
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as one submission shows them, already normalised. `verified` names vouched-for fields."""

    email: str | None = None
    phone: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    job_title: str | None = None
    company_name: str | None = None
    company_domain: str | None = None
    company_size: int | None = None
    industry: str | None = None
    country: str | None = None
    region: str | None = None
    language: str | None = None
    time_zone: str | None = None
    verified: frozenset[str] = frozenset()
    # Further addresses and numbers of the same person as kind and value: ("email", "b@x.example").
    more_keys: tuple[tuple[Kind, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Identified:
    """The contact a person turned out to be, with the facts that decide about a lead."""

    contact_id: UUID
    created: bool
    company_id: UUID | None = None
    company_name: str | None = None
    company_domain: str | None = None
    company_size: int | None = None
    industry: str | None = None
    country: str | None = None
    region: str | None = None
    language: str | None = None
    time_zone: str | None = None


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


@dataclass(frozen=True, slots=True, order=True)
class Key:
    kind: Kind
    value: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A stored contact's own fields. `changed` marks what has to be written."""

    id: UUID
    fields: Mapping[str, str | None]
    verified: frozenset[str] = frozenset()
    company_id: UUID | None = None
    created: bool = False
    changed: bool = False


@dataclass(slots=True)
class Directory:
    """Everyone a batch may touch. Deciding about one person changes it for the next."""

    owners: dict[Key, UUID] = field(default_factory=dict)
    shared: set[Key] = field(default_factory=set)
    contacts: dict[UUID, Contact] = field(default_factory=dict)
    claimed: dict[Key, UUID] = field(default_factory=dict)
    newly_shared: set[Key] = field(default_factory=set)


def keys_of(person: Person) -> list[Key]:
    """The person's keys, the better one first."""
    keys = [Key("email", person.email)] if person.email else []
    return [*keys, Key("phone", person.phone)] if person.phone else keys


def is_weak(key: Key, shared: Iterable[Key] = ()) -> bool:
    if key in shared:
        return True
    return fields.is_role_mailbox(key.value) if key.kind == "email" else not fields.phone_is_valid(key.value)


def domain_of(person: Person) -> str | None:
    """The domain that names the person's company: the one given, else that of a company e-mail address."""
    given = fields.company_domain(person.company_domain) if person.company_domain else None
    return given or (fields.company_domain(fields.mail_domain(person.email)) if person.email else None)


def agree(person: Person, contact: Contact) -> bool:
    """Whether a phone number in common means one person: not when both have an own, different address.

    People have two addresses, and offices have one number; the family name tells which it is.
    """
    theirs = contact.fields.get("email")
    if not person.email or not theirs or fields.is_role_mailbox(person.email):
        return True
    if fields.is_role_mailbox(theirs):
        return True
    name, their_name = person.family_name, contact.fields.get("family_name")
    return bool(name and their_name and name.casefold() == their_name.casefold())


def place(person: Person, directory: Directory, new_id: Callable[[], UUID]) -> UUID:
    """Find or make the person's contact, claim the keys that are free, and fill in what is new."""
    keys = keys_of(person)
    strong = [key for key in keys if not is_weak(key, directory.shared)]
    contact_id = None
    for key in strong or keys:
        owner = directory.owners.get(key)
        if owner is None:
            continue
        if key.kind == "email" or agree(person, directory.contacts[owner]):
            contact_id = owner
            break
        directory.shared.add(key)
        directory.newly_shared.add(key)
    if contact_id is None:
        contact_id = new_id()
        blank = Contact(contact_id, dict.fromkeys(FIELDS), created=True, changed=True)
        directory.contacts[contact_id] = blank
    for key in keys:
        if key not in directory.owners:
            directory.owners[key] = directory.claimed[key] = contact_id
    directory.contacts[contact_id] = fill_in(directory.contacts[contact_id], person)
    return contact_id


def fill_in(contact: Contact, person: Person) -> Contact:
    """A public source fills blanks only; what somebody vouches for replaces what nobody vouched for."""
    values, verified = dict(contact.fields), set(contact.verified)
    for name in FIELDS:
        new: str | None = getattr(person, name)
        if new is None:
            continue
        if values.get(name) is None or name in person.verified:
            values[name] = new
        if name in person.verified:
            verified.add(name)
    if values == contact.fields and verified == contact.verified:
        return contact
    return replace(contact, fields=values, verified=frozenset(verified), changed=True)


def place_all(people: Sequence[Person], directory: Directory, new_id: Callable[[], UUID]) -> list[UUID]:
    """The contact of each person, in order; the same person twice in a batch is one contact."""
    return [place(person, directory, new_id) for person in people]


def amend(directory: Directory, contact_id: UUID, person: Person, *, company_id: UUID | None) -> None:
    """Put what is said now in the place of what was said before, but for what somebody else vouches for."""
    foreign = set()
    for key in keys_of(person):
        if key not in directory.owners:
            directory.owners[key] = directory.claimed[key] = contact_id
        elif directory.owners[key] != contact_id:
            foreign.add(key.kind)  # it leads to somebody else, so it is not shown as this one's
    contact = directory.contacts[contact_id]
    values = dict(contact.fields)
    for name in FIELDS:
        new: str | None = getattr(person, name)
        if new is None or name in foreign:
            continue
        if name in person.verified or name not in contact.verified:
            values[name] = new
    told = frozenset(name for name in person.verified if values.get(name) is not None)
    amended = replace(
        contact,
        fields=values,
        verified=contact.verified | told,
        company_id=company_id or contact.company_id,
    )
    if amended != contact:
        directory.contacts[contact_id] = replace(amended, changed=True)
