"""Which fields a person's correction holds, and what others say instead meanwhile. Pure.

Name, address and number are held for good, the other fields for twelve months: people change jobs, companies
grow. A field that was emptied is held as well.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from services.marketing.people.contacts.rules import COMPANY_FIELDS, FIELDS, Company, Contact, Person, Word

HELD_FOR = timedelta(days=365)
# Of a person and of a company.
FOR_GOOD = frozenset({"email", "phone", "given_name", "family_name", "name", "domain"})


class Offered(NamedTuple):
    """What a known source said of a field while a correction held it: kept beside, and nothing more."""

    field: str
    before: str | None
    after: str


def held(corrected: Mapping[str, str] | None, now: datetime) -> frozenset[str]:
    """The fields that hold, of those corrected, by when each was."""
    if not corrected:
        return frozenset()
    return frozenset(
        name
        for name, at in corrected.items()
        if name in FOR_GOOD or datetime.fromisoformat(at) > now - HELD_FOR
    )


def offered_of_contact(contact: Contact, person: Person) -> Iterator[Offered]:
    """A stranger's other value stands in the submission only."""
    if person.word is Word.ANONYMOUS:
        return
    for name in contact.held.intersection(FIELDS):
        said = getattr(person, name)
        if said is not None and said != contact.fields[name]:
            yield Offered(name, contact.fields[name], said)


def offered_of_company(company: Company, told: Company) -> Iterator[Offered]:
    """Likewise; `told` is what the batch says of the company."""
    for name in company.held.intersection(COMPANY_FIELDS, told.authenticated):
        known, said = getattr(company, name), getattr(told, name)
        if said is not None and said != known:
            yield Offered(name, _text(known), str(said))


def without(names: Collection[str], corrected: Collection[str]) -> list[str]:
    """The names of fields that a source stood for, but for those a person now stands for."""
    return sorted(set(names).difference(corrected))


def _text(value: object) -> str | None:
    return None if value is None else str(value)
