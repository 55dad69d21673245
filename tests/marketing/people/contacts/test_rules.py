"""Whose word counts, by example."""

from dataclasses import replace
from uuid import UUID

import pytest

from services.marketing.people.contacts import rules
from services.marketing.people.contacts.rules import Company, Contact, Person, Trust, Word

NOBODY = Contact(UUID(int=1), dict.fromkeys(rules.FIELDS))
STRANGER = Person(job_title="CEO", phone="+4915198765432")
SENDER = replace(STRANGER, job_title="Buyer", trust="authenticated")
VOUCHER = replace(SENDER, job_title="Head of purchase", verified=frozenset({"job_title"}))


def job_after(*people: Person) -> tuple[str | None, Word]:
    contact = NOBODY
    for person in people:
        contact = rules.fill_in(contact, person)
    return contact.fields["job_title"], contact.word_on("job_title")


@pytest.mark.parametrize(
    ("people", "title", "word"),
    [
        ([STRANGER], "CEO", Word.ANONYMOUS),
        ([STRANGER, replace(STRANGER, job_title="Other")], "CEO", Word.ANONYMOUS),
        ([STRANGER, SENDER], "Buyer", Word.AUTHENTICATED),
        ([SENDER, STRANGER], "Buyer", Word.AUTHENTICATED),
        ([SENDER, replace(SENDER, job_title="Other")], "Buyer", Word.AUTHENTICATED),
        ([SENDER, VOUCHER], "Head of purchase", Word.VERIFIED),
        ([VOUCHER, SENDER, STRANGER], "Head of purchase", Word.VERIFIED),
        ([VOUCHER, replace(VOUCHER, job_title="Other")], "Other", Word.VERIFIED),
        ([STRANGER, replace(STRANGER, trust="authenticated")], "CEO", Word.AUTHENTICATED),
        # A form that has a field `verified` does not vouch for anything.
        ([SENDER, replace(VOUCHER, trust="anonymous")], "Buyer", Word.AUTHENTICATED),
        ([Person(trust="authenticated"), STRANGER], "CEO", Word.ANONYMOUS),
    ],
)
def test_the_better_word_counts(people: list[Person], title: str, word: Word) -> None:
    assert job_after(*people) == (title, word)


def test_each_field_has_its_own_word() -> None:
    told = rules.fill_in(NOBODY, Person(email="boss@target.com", family_name="Boss", trust="authenticated"))
    filled = rules.fill_in(told, replace(STRANGER, family_name="Evil"))
    shown = rules.unverified(filled.fields, rules.FIELDS, filled.authenticated | filled.verified)
    assert (filled.fields["family_name"], filled.fields["phone"]) == ("Boss", STRANGER.phone)
    assert shown == ["phone", "job_title"]


def test_nothing_new_changes_nothing() -> None:
    told = replace(rules.fill_in(NOBODY, VOUCHER), changed=False)
    assert not any(rules.fill_in(told, person).changed for person in (STRANGER, SENDER, VOUCHER))


def named(given_name: str | None, family_name: str | None = None, trust: Trust = "anonymous") -> Person:
    return Person(given_name=given_name, family_name=family_name, trust=trust)


@pytest.mark.parametrize(
    ("people", "name"),
    [
        ([named("Eva"), named("Otto", "Kern")], ("Eva", None)),
        ([named("Eva"), named("E.", "Kern")], ("Eva", "Kern")),
        ([named("Eva"), named(None, "Kern")], ("Eva", "Kern")),
        ([named("Eva", "Kern"), named("Otto", None, "authenticated")], ("Otto", None)),
        ([named("Eva", "Kern"), named(None, "Muster", "authenticated")], ("Eva", "Muster")),
        ([named("Eva", "Kern", "authenticated"), named("Otto")], ("Eva", "Kern")),
        (
            [named("Eva", None, "authenticated"), named("Otto", "Kern"), named("Eva", "Muster")],
            ("Eva", "Muster"),
        ),
    ],
)
def test_two_peoples_names_never_make_one(people: list[Person], name: tuple[str, str | None]) -> None:
    contact = NOBODY
    for person in people:
        contact = rules.fill_in(contact, person)
    assert (contact.fields["given_name"], contact.fields["family_name"]) == name


def told_of(*people: Person) -> Company:
    company = Company(UUID(int=1), "target.com")
    for person in people:
        company = company.told_by(person)
    return company


FAKE = Person(company_name="Fake Ltd", company_size=100_000)
REAL = Person(company_name="BigCorp AG", company_size=50, trust="authenticated")


@pytest.mark.parametrize(
    ("people", "name", "size"),
    [
        ([FAKE, REAL], "BigCorp AG", 50),
        ([REAL, FAKE], "BigCorp AG", 50),
        ([FAKE, Person(company_name="Other", company_size=7)], "Fake Ltd", 100_000),
        ([replace(REAL, company_size=None), FAKE], "BigCorp AG", 100_000),
        ([FAKE, replace(REAL, company_size=None)], "BigCorp AG", 100_000),
    ],
)
def test_a_company_is_named_by_the_best_source(people: list[Person], name: str, size: int) -> None:
    company = told_of(*people)
    assert (company.name, company.size) == (name, size)
    # So each batch that says the like of it has nothing to write.
    assert not any(told_of(person).adds_to(company) for person in people)


def test_what_is_better_said_is_written() -> None:
    assert told_of(REAL).adds_to(told_of(FAKE))
    assert not told_of(FAKE).adds_to(told_of(REAL))
    assert told_of(FAKE).adds_to(None)


def test_a_better_source_says_for_whom_somebody_works() -> None:
    contact = rules.employ(NOBODY, UUID(int=7), Word.ANONYMOUS)
    assert rules.employ(contact, UUID(int=8), Word.ANONYMOUS).company_id == UUID(int=7)
    told = rules.employ(contact, UUID(int=9), Word.AUTHENTICATED)
    assert told.company_id == UUID(int=9)
    assert rules.employ(told, UUID(int=8), Word.AUTHENTICATED) == told


@pytest.mark.parametrize(
    ("person", "domain"),
    [
        (Person(email="ada@eu.acme.co.uk"), "acme.co.uk"),
        (Person(email="ada@gmail.com"), None),
        (Person(email="ada@gmail.com", company_domain="https://www.acme.com/about"), "acme.com"),
        (Person(email="ada@acme.com", company_domain="acme-holding.com"), "acme-holding.com"),
        (Person(phone="+493090182000"), None),
    ],
)
def test_a_company_is_known_by_its_domain(person: Person, domain: str | None) -> None:
    assert rules.domain_of(person) == domain
