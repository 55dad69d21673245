"""What is known of people and companies, and whose word counts. Pure: facts come in, decisions go out.

A person is read by one door. What an anonymous one brings (a web form: anybody can fill it in) never
replaces what a sender with a key or a signature said, nor that what somebody vouched for by name.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, Literal, TypeVar
from uuid import UUID

from services.marketing.people.contacts import normalize
from services.marketing.people.contacts.namesakes import Likeness, compare

T = TypeVar("T")
Kind = Literal["email", "phone"]
Trust = Literal["anonymous", "authenticated"]
Names = Collection[str]
FIELDS = (
    *("email", "phone", "given_name", "family_name", "job_title", "company_name"),
    *("country", "region", "language", "time_zone"),
)
NAMES = ("given_name", "family_name")
COMPANY_FIELDS = ("name", "size", "industry", "country")


class Word(IntEnum):
    """Whose word a value is. A better one replaces a lesser one; its equal only fills blanks."""

    ANONYMOUS = 0
    AUTHENTICATED = 1
    VERIFIED = 2
    CORRECTED = 3  # by a person, here: no source replaces it, nor fills in what was emptied


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as one submission shows them, already normalised. `verified` names vouched-for fields.

    `trust` is that of the door. `more_keys` are further addresses and numbers of theirs.
    """

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
    more_keys: tuple[tuple[Kind, str], ...] = ()
    trust: Trust = "anonymous"

    @property
    def word(self) -> Word:
        return Word.AUTHENTICATED if self.trust == "authenticated" else Word.ANONYMOUS


@dataclass(frozen=True, slots=True)
class Identified:
    """The contact a person turned out to be, with the best-known facts that decide about a lead."""

    contact_id: UUID
    created: bool
    job_title: str | None = None
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
    """An organisation. `authenticated` names what no stranger said, `held` what a person corrected."""

    id: UUID
    domain: str
    name: str | None = None
    size: int | None = None
    industry: str | None = None
    country: str | None = None
    authenticated: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()

    def word_on(self, name: str) -> Word:
        return word_on(name, self.authenticated, held=self.held)

    def adds_to(self, known: "Company | None") -> bool:
        """Whether it is new, says something that was not known of it, or says it with a better word."""
        if known is None or not self.authenticated <= known.authenticated:
            return True
        return any(
            getattr(self, name) is not None and getattr(known, name) is None and name not in known.held
            for name in COMPANY_FIELDS
        )

    def told_by(self, person: Person) -> "Company":
        """This company after what a person says of it."""
        word, told = person.word, (person.company_name, person.company_size, person.industry, person.country)
        better: dict[str, Any] = {
            name: value
            for name, value in zip(COMPANY_FIELDS, told, strict=True)
            if value is not None and (getattr(self, name) is None or word > self.word_on(name))
        }
        if not better:
            return self
        vouched = self.authenticated.union(better) if word else self.authenticated
        return replace(self, authenticated=vouched, **better)


@dataclass(frozen=True, slots=True)
class Contact:
    """A stored contact's own fields. `held` a person corrected; `changed` marks what has to be written."""

    id: UUID
    fields: Mapping[str, str | None]
    verified: frozenset[str] = frozenset()
    company_id: UUID | None = None
    authenticated: frozenset[str] = frozenset()
    created: bool = False
    changed: bool = False
    held: frozenset[str] = frozenset()

    def word_on(self, name: str) -> Word:
        return word_on(name, self.authenticated, self.verified, self.held)


def word_on(name: str, authenticated: Names, verified: Names = (), held: Names = ()) -> Word:
    """Whose word a stored field is, by the names of those that are of a better source."""
    if name in held:
        return Word.CORRECTED
    if name in verified:
        return Word.VERIFIED
    return Word.AUTHENTICATED if name in authenticated else Word.ANONYMOUS


def unverified(values: Mapping[str, Any], names: Sequence[str], better: Collection[str]) -> list[str]:
    """Which of these have a value that only an anonymous source stands for."""
    return [name for name in names if name not in better and values.get(name) is not None]


def best(own: tuple[T | None, Word], other: tuple[T | None, Word]) -> tuple[T | None, Word]:
    """What a person says of something, unless that is nothing or the other is of a better source."""
    if own[0] is None or (other[0] is not None and other[1] > own[1]):
        return other
    return own


def domain_of(person: Person) -> str | None:
    """The domain that names the person's company: the one given, else that of a company e-mail address."""
    given = normalize.company_domain(person.company_domain) if person.company_domain else None
    mail = normalize.mail_domain(person.email) if person.email else None
    return given or (normalize.company_domain(mail) if mail else None)


def _word_on(person: Person, name: str) -> Word:
    return Word.VERIFIED if person.word and name in person.verified else person.word


def _replaces(word: Word, known: Word) -> bool:
    """What somebody vouches for by name corrects what was vouched for before."""
    return word > known or word is known is Word.VERIFIED


def _spared(contact: Contact, person: Person) -> Person:
    """The person without names that would stand beside a corrected one and say that it is somebody else's."""
    if contact.held.isdisjoint(NAMES):
        return person
    known = contact.fields["given_name"], contact.fields["family_name"]
    if Likeness.DIFFERENT not in compare((person.given_name, person.family_name), known):
        return person
    return replace(person, given_name=None, family_name=None)


def _without_mixing(contact: Contact, person: Person) -> tuple[Contact, Person]:
    """Both, so that the given name of one and the family name of another never stand together."""
    given, family = contact.fields["given_name"], contact.fields["family_name"]
    alike = compare((person.given_name, person.family_name), (given, family))
    if alike[0] is not Likeness.DIFFERENT:
        return contact, person
    word = _word_on(person, "given_name")
    if not _replaces(word, contact.word_on("given_name")):
        return contact, person if family else replace(person, family_name=None)
    if person.family_name is not None or word <= contact.word_on("family_name"):
        return contact, person
    rest = contact.authenticated - {"family_name"}
    return replace(contact, fields={**contact.fields, "family_name": None}, authenticated=rest), person


def fill_in(contact: Contact, person: Person) -> Contact:
    """The contact with what is new: a better word replaces, an equal or a lesser one fills blanks."""
    told = (contact, person := _spared(contact, person))
    if contact.fields["given_name"] and person.given_name:
        told = _without_mixing(contact, person)
    filled = _told(*told, _replaces)
    return contact if _says_the_same(filled, contact) else filled


def correct(contact: Contact, person: Person) -> Contact:
    """The contact with what a source now says in place of what it said before, but for a better word."""
    corrected = _told(contact, _spared(contact, person), Word.__ge__)
    return contact if _says_the_same(corrected, contact) else corrected


def _told(contact: Contact, person: Person, replaces: Callable[[Word, Word], bool]) -> Contact:
    values, verified, authenticated = dict(contact.fields), contact.verified, contact.authenticated
    for name in FIELDS:
        new: str | None = getattr(person, name)
        if new is None:
            continue
        word, known = _word_on(person, name), contact.word_on(name)
        if not replaces(word, known) and (values[name] is not None or known is Word.CORRECTED):
            continue
        values[name] = new
        if word is not Word.ANONYMOUS:
            authenticated |= {name}
        if word is Word.VERIFIED:
            verified |= {name}
    return replace(contact, fields=values, verified=verified, authenticated=authenticated, changed=True)


def _says_the_same(one: Contact, other: Contact) -> bool:
    told = ("fields", "verified", "authenticated")
    return all(getattr(one, name) == getattr(other, name) for name in told)


def employ(contact: Contact, company_id: UUID, word: Word) -> Contact:
    """The contact tied to the company its domain names, unless it is tied by as good a word already."""
    if contact.company_id is not None and word <= contact.word_on("company_id"):
        return contact
    better = contact.authenticated | {"company_id"} if word else contact.authenticated
    return replace(contact, company_id=company_id, authenticated=better, changed=True)
