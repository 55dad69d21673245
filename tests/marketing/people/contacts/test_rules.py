"""Who is who, by example and by property."""

from collections.abc import Callable
from itertools import count
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.marketing.people.contacts import normalize, rules
from services.marketing.people.contacts.rules import Contact, Directory, Key, Person

ADA = Person(email="ada@acme.com", phone="+493090182000", given_name="Ada", family_name="Nowak")


def numbers() -> Callable[[], UUID]:
    ids = count(1)
    return lambda: UUID(int=next(ids))


def place(*people: Person) -> list[int]:
    return [contact_id.int for contact_id in rules.place_all(people, Directory(), numbers())]


def test_the_same_address_is_the_same_person() -> None:
    assert place(ADA, Person(email="ada@acme.com"), Person(email="ben@acme.com")) == [1, 1, 2]


def test_the_same_phone_is_the_same_person() -> None:
    assert place(ADA, Person(phone=ADA.phone)) == [1, 1]


def test_two_addresses_of_one_family_name_and_phone_are_one_person() -> None:
    private = Person(email="ada@web.de", phone=ADA.phone, family_name="nowak")
    assert place(ADA, private, Person(email="ada@web.de")) == [1, 1, 1]


def test_colleagues_who_share_a_phone_stay_two_people() -> None:
    ben = Person(email="ben@acme.com", phone=ADA.phone, family_name="Ito")
    directory = Directory()
    placed = rules.place_all([ADA, ben], directory, numbers())
    assert placed[0] != placed[1]
    assert directory.newly_shared == {Key("phone", ADA.phone or "")}


def test_a_role_mailbox_decides_only_when_there_is_nothing_better() -> None:
    first = Person(email="info@acme.com", phone="+493090182001")
    second = Person(email="info@acme.com", phone="+493090182002")
    assert place(first, second) == [1, 2]
    assert place(Person(email="info@acme.com"), Person(email="info@acme.com")) == [1, 1]


def test_a_number_no_country_gave_out_is_weak() -> None:
    assert rules.is_weak(Key("phone", "+12025550100")) is not normalize.phone_is_valid("+12025550100")
    assert rules.is_weak(Key("phone", "+491000000"))
    assert not rules.is_weak(Key("phone", "+493090182000"))
    assert rules.is_weak(Key("email", "sales+eu@acme.com"))


def test_a_form_fills_blanks_and_only_a_voucher_overwrites() -> None:
    stored = Contact(UUID(int=1), {"email": "a@acme.com", "family_name": "Nowak", "job_title": None})
    told = rules.fill_in(stored, Person(family_name="Other", job_title="Buyer"))
    assert (told.fields["family_name"], told.fields["job_title"]) == ("Nowak", "Buyer")
    vouched = rules.fill_in(told, Person(family_name="Nowak-Ito", verified=frozenset({"family_name"})))
    assert vouched.fields["family_name"] == "Nowak-Ito"
    assert vouched.verified == frozenset({"family_name"})
    assert rules.fill_in(vouched, Person(family_name="Mallory")) == vouched


@pytest.mark.parametrize(
    ("told", "email", "title"),
    [
        (Person(email="ada.nowak@acme.com"), "ada.nowak@acme.com", "CEO"),
        (Person(job_title="CFO"), "ada@acme.com", "CFO"),
        (Person(email="ben@acme.com"), "ada@acme.com", "CEO"),  # which is Ben's
    ],
)
def test_a_correction_replaces_what_was_said_but_takes_nothing_from_others(
    told: Person, email: str, title: str
) -> None:
    directory, new_id = Directory(), numbers()
    ada = rules.place(Person(email="ada@acme.com", job_title="CEO"), directory, new_id)
    rules.place(Person(email="ben@acme.com"), directory, new_id)

    rules.amend(directory, ada, told, company_id=None)

    assert (directory.contacts[ada].fields["email"], directory.contacts[ada].fields["job_title"]) == (
        email,
        title,
    )
    # Both of a person's addresses lead to the person from now on.
    assert rules.place(Person(email="ada@acme.com"), directory, new_id) == ada
    if email != "ada@acme.com":
        assert rules.place(Person(email=email), directory, new_id) == ada


def test_a_correction_leaves_what_somebody_else_vouches_for() -> None:
    directory, new_id = Directory(), numbers()
    vouched = Person(email="ada@acme.com", job_title="CEO", verified=frozenset({"job_title"}))
    ada = rules.place(vouched, directory, new_id)

    rules.amend(directory, ada, Person(job_title="Intern", country="DE"), company_id=None)
    fields = directory.contacts[ada].fields
    assert (fields["job_title"], fields["country"]) == ("CEO", "DE")


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


people = st.builds(
    Person,
    email=st.sampled_from(["a@x.com", "b@x.com", "info@x.com", "c@y.com", None]),
    phone=st.sampled_from(["+493090182000", "+493090182001", "+491000000", None]),
    family_name=st.sampled_from(["Nowak", "Ito", None]),
)


@given(st.lists(people, max_size=12))
def test_one_batch_finds_the_same_people_as_one_after_the_other(crowd: list[Person]) -> None:
    together = Directory()
    ids = numbers()
    placed = rules.place_all(crowd, together, ids)
    apart = Directory()
    again = numbers()
    assert placed == [rules.place(person, apart, again) for person in crowd]
    assert together.owners == apart.owners
    # An own address, once seen, always leads to the same contact.
    seen: dict[str, UUID] = {}
    for person, contact_id in zip(crowd, placed, strict=True):
        if person.email and not normalize.is_role_mailbox(person.email):
            assert seen.setdefault(person.email, contact_id) == contact_id


@given(st.lists(people, max_size=12))
def test_every_key_leads_to_exactly_one_contact_that_exists(crowd: list[Person]) -> None:
    directory = Directory()
    placed = rules.place_all(crowd, directory, numbers())
    assert set(directory.owners.values()) <= set(placed)
    assert set(directory.claimed.items()) == set(directory.owners.items())
