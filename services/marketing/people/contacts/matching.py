"""Which contact a person is. Pure: keys known so far come in, decisions go out.

Keys match exactly: the normalised e-mail address, the phone number in E.164. A personal address decides
alone. A phone number decides when the names do not say that it is another person. Weak keys (a role
mailbox, a number no country has given out, a number seen with different people) decide only for a person
who has nothing stronger, and never against the names; they may lead to several people.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from uuid import UUID

from services.marketing.people.contacts import normalize
from services.marketing.people.contacts.namesakes import Likeness, compare
from services.marketing.people.contacts.rules import FIELDS, Contact, Kind, Person, Word, correct, fill_in

# Beside its owner. So many names at one address are no people, and every one of them would be looked at.
MOST_HOLDERS = 20


class Key(NamedTuple):
    """An e-mail address or phone number."""

    kind: Kind
    value: str


Holding = tuple[Key, UUID]


@dataclass(slots=True)
class Directory:
    """Everyone a batch may touch. Deciding about one person changes it for the next.

    A key has one owner, who had it first; `others` came with it later and are somebody else.
    `attested` is who has which key by the word of an authenticated source.
    """

    owners: dict[Key, UUID] = field(default_factory=dict)
    others: dict[Key, list[UUID]] = field(default_factory=dict)
    shared: set[Key] = field(default_factory=set)
    contacts: dict[UUID, Contact] = field(default_factory=dict)
    attested: set[Holding] = field(default_factory=set)
    claimed: dict[Key, UUID] = field(default_factory=dict)
    joined: set[Holding] = field(default_factory=set)
    newly_shared: set[Key] = field(default_factory=set)
    newly_attested: set[Holding] = field(default_factory=set)

    def holders(self, key: Key) -> list[Contact]:
        """Whom the key leads to, its owner first."""
        owner = self.owners.get(key)
        if owner is None:
            return []
        return [self.contacts[contact_id] for contact_id in (owner, *self.others.get(key, ()))]

    def share(self, key: Key) -> None:
        if key not in self.shared:
            self.shared.add(key)
            self.newly_shared.add(key)

    def join(self, key: Key, contact_id: UUID) -> None:
        """The contact has this key as well, though it is its owner's."""
        others = self.others.setdefault(key, [])
        if contact_id not in others and len(others) < MOST_HOLDERS:
            others.append(contact_id)
            self.joined.add((key, contact_id))

    def attest(self, key: Key, contact_id: UUID) -> None:
        if (key, contact_id) not in self.attested:
            self.attested.add((key, contact_id))
            self.newly_attested.add((key, contact_id))


def keys_of(person: Person) -> list[Key]:
    """The person's keys, the better ones first: addresses before numbers, the main one before others."""
    keys = [Key("email", person.email)] if person.email else []
    if person.more_keys:
        keys += [Key(kind, value) for kind, value in person.more_keys if kind == "email"]
    if person.phone:
        keys.append(Key("phone", person.phone))
    if person.more_keys:
        keys += [Key(kind, value) for kind, value in person.more_keys if kind == "phone"]
        keys = list(dict.fromkeys(keys))
    return keys


def is_weak(key: Key, shared: Iterable[Key] = ()) -> bool:
    if key in shared:
        return True
    if key.kind == "email":
        return normalize.is_role_mailbox(key.value)
    return not normalize.phone_is_valid(key.value)


def agree(person: Person, contact: Contact) -> bool:
    """Whether a phone number or a role mailbox in common means one person.

    Not when their names differ. When both have an own, different address, only when the family names speak
    for it: people have two addresses, but offices have one number, and two Annas.
    """
    given, family = _names(person, contact)
    if Likeness.DIFFERENT in (given, family):
        return False
    if family is Likeness.SAME or not (_own_address(person.email) and _own_address(contact.fields["email"])):
        return True
    return given is Likeness.SAME and bool(person.family_name and contact.fields["family_name"])


def _names(person: Person, contact: Contact) -> tuple[Likeness, Likeness]:
    mine = person.given_name, person.family_name
    return compare(mine, (contact.fields["given_name"], contact.fields["family_name"]))


def _own_address(email: str | None) -> bool:
    return email is not None and not normalize.is_role_mailbox(email)


def place(person: Person, directory: Directory, new_id: Callable[[], UUID]) -> UUID:
    """Find or make the person's contact, give it the person's keys, and fill in what is new."""
    keys = keys_of(person)
    contact = _known(person, keys, directory)
    if contact is None:
        contact = Contact(new_id(), dict.fromkeys(FIELDS), created=True, changed=True)
    directory.contacts[contact.id] = fill_in(contact, person)
    for key in keys:
        owner = directory.owners.get(key)
        if owner is None:
            directory.owners[key] = directory.claimed[key] = contact.id
        elif owner != contact.id:
            directory.join(key, contact.id)
            if key.kind == "phone" and not agree(person, directory.contacts[owner]):
                directory.share(key)
        if person.word is not Word.ANONYMOUS:
            directory.attest(key, contact.id)
    return contact.id


def _known(person: Person, keys: Sequence[Key], directory: Directory) -> Contact | None:
    strong = [key for key in keys if not is_weak(key, directory.shared)]
    for key in strong or keys:
        found = _holder(person, key, directory)
        if found is not None:
            return found
    # What they have of their own leads nowhere yet. Of all who have a mailbox or a number
    # in common, whoever bears the very same name is no other person with a new address.
    common = [key for key in keys if key not in strong and _is_of_a_group(key)] if strong else []
    namesakes = (contact for key in common for contact in directory.holders(key))
    same = (Likeness.SAME, Likeness.SAME)
    return next((contact for contact in namesakes if _names(person, contact) == same), None)


def _holder(person: Person, key: Key, directory: Directory) -> Contact | None:
    """Whom this key alone leads to."""
    holders = directory.holders(key)
    if key.kind == "email" and not is_weak(key):
        return holders[0] if holders else None
    fitting = [contact for contact in holders if agree(person, contact)]
    if holders and not fitting and key.kind == "phone":
        directory.share(key)
    named = (contact for contact in fitting if Likeness.SAME in _names(person, contact))
    return next(named, fitting[0] if fitting else None)


def _is_of_a_group(key: Key) -> bool:
    """A number nobody can have, typed to fill in the field, says nothing at all."""
    return key.kind == "email" or normalize.phone_is_valid(key.value)


def place_all(people: Sequence[Person], directory: Directory, new_id: Callable[[], UUID]) -> list[UUID]:
    """The contact of each person, in order; the same person twice in a batch is one contact."""
    return [place(person, directory, new_id) for person in people]


def amend(directory: Directory, contact_id: UUID, person: Person) -> None:
    """Correct a contact that is known by other means than the person's keys; the free ones become its own.

    A key that leads to somebody else stays theirs, and is not shown as this one's.
    """
    foreign: dict[str, None] = {}
    for key in keys_of(person):
        holders = directory.holders(key)
        if not holders:
            directory.owners[key] = directory.claimed[key] = contact_id
        elif all(holder.id != contact_id for holder in holders):
            foreign[key.kind] = None
            continue
        if person.word is not Word.ANONYMOUS:
            directory.attest(key, contact_id)
    told = replace(person, **foreign) if foreign else person  # type: ignore[arg-type]
    directory.contacts[contact_id] = correct(directory.contacts[contact_id], told)
