"""Who is who, by example and by property. A case is who came, one after the other, and who each was."""

from collections.abc import Callable
from itertools import count
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.marketing.people.contacts import matching, normalize
from services.marketing.people.contacts.matching import MOST_HOLDERS, Directory, Key
from services.marketing.people.contacts.rules import Kind, Person

PHONE, MOBILE, OTHER = "+493090182000", "+4915123456789", "+4915198765432"
NOBODYS = "+491000000"  # no country gave it out
ADA = Person(email="ada@acme.com", phone=PHONE, given_name="Ada", family_name="Nowak")


def numbers() -> Callable[[], UUID]:
    ids = count(1)
    return lambda: UUID(int=next(ids))


def place(*people: Person) -> list[int]:
    return [contact_id.int for contact_id in matching.place_all(people, Directory(), numbers())]


def one(
    name: str = "", email: str | None = None, phone: str | None = None, *more: tuple[Kind, str]
) -> Person:
    """Somebody by "Given Family", "Given" or ", Family"."""
    given_name, _, family_name = name.partition(", ") if name.startswith(",") else name.partition(" ")
    return Person(
        email=email,
        phone=phone,
        given_name=given_name or None,
        family_name=family_name or None,
        more_keys=more,
    )


EVA, OTTO = "eva@gmail.com", "otto@gmail.com"
CASES: dict[str, tuple[list[Person], list[int]]] = {
    "the same address": ([ADA, one("", "ada@acme.com"), one("", "ben@acme.com")], [1, 1, 2]),
    "the same number": ([ADA, one("", None, PHONE)], [1, 1]),
    # One number, two addresses: the names tell.
    "a couple": ([one("Eva Muster", EVA, PHONE), one("Otto Muster", OTTO, PHONE)], [1, 2]),
    "a couple, each again": (
        [
            one("Eva Muster", EVA, PHONE),
            one("Otto Muster", OTTO, PHONE),
            one("Otto Muster", OTTO),
            one("Otto Muster", None, PHONE),
            one("Eva Muster", None, PHONE),
            one("", EVA),
        ],
        [1, 2, 2, 2, 1, 1],
    ),
    "a couple of two family names": ([one("Eva Kern", EVA, PHONE), one("Otto Muster", OTTO, PHONE)], [1, 2]),
    "a couple whose names begin alike": (
        [one("Martin Muster", EVA, PHONE), one("Martina Muster", OTTO, PHONE)],
        [1, 2],
    ),
    "the same given name, another family name": (
        [one("Eva Muster", EVA, PHONE), one("Eva Kern", OTTO, PHONE)],
        [1, 2],
    ),
    "a couple without addresses": ([one("Eva Muster", None, PHONE), one("Otto Muster", None, PHONE)], [1, 2]),
    "one person's two addresses": (
        [one("Eva Muster", EVA, PHONE), one("Eva Muster", "e@firm.de", PHONE), one("", "e@firm.de")],
        [1, 1, 1],
    ),
    "an initial": ([one("Eva Muster", EVA, PHONE), one("E. Muster", OTTO, PHONE)], [1, 1]),
    "another initial": ([one("Eva Muster", EVA, PHONE), one("O. Muster", OTTO, PHONE)], [1, 2]),
    "a family name's initial": ([one("Eva Muster", EVA, PHONE), one("Eva M.", OTTO, PHONE)], [1, 1]),
    "a short form": ([one("Maximilian Kern", EVA, PHONE), one("Max Kern", OTTO, PHONE)], [1, 1]),
    "two short forms": ([one("Bob Kern", EVA, PHONE), one("Rob Kern", OTTO, PHONE)], [1, 1]),
    "no given name": ([one("Eva Muster", EVA, PHONE), one(", Muster", OTTO, PHONE)], [1, 1]),
    "names the other way round": ([one("Eva Muster", EVA, PHONE), one("Muster Eva", OTTO, PHONE)], [1, 1]),
    "other letters": ([one("Jörg Müßig", EVA, PHONE), one("JOERG MUESSIG", OTTO, PHONE)], [1, 1]),
    "part of a double name": (
        [one("Hans-Peter Kern", EVA, PHONE), one("Hans Kern-Ito", OTTO, PHONE)],
        [1, 1],
    ),
    "an office, no names": ([one("", EVA, PHONE), one("", OTTO, PHONE)], [1, 2]),
    "an office with two Annas": ([one("Anna", EVA, PHONE), one("Anna", OTTO, PHONE)], [1, 2]),
    "a given name only, a number only": ([one("Anna", EVA, PHONE), one("Anna", None, PHONE)], [1, 1]),
    "an office, one name": ([one("Eva Muster", EVA, PHONE), one("", OTTO, PHONE)], [1, 2]),
    "a third at a shared number": (
        [
            one("Eva Muster", EVA, PHONE),
            one("Otto Muster", OTTO, PHONE),
            one("Ida Kern", "ida@web.de", PHONE),
        ],
        [1, 2, 3],
    ),
    "a new address of one who shares a number": (
        [one("Eva Muster", EVA, PHONE), one("Otto Muster", OTTO, PHONE), one("Otto Muster", "o@x.de", PHONE)],
        [1, 2, 2],
    ),
    # A role mailbox: many readers.
    "two names at a role mailbox": (
        [one("Eva Muster", "info@firm.de"), one("Otto Kern", "info@firm.de")],
        [1, 2],
    ),
    "two names at a role mailbox, each again": (
        [
            one("Eva Muster", "info@firm.de"),
            one("Otto Kern", "info@firm.de"),
            one("Otto Kern", "info@firm.de"),
            one("O. Kern", "info@firm.de"),
            one("Eva Muster", "info@firm.de"),
        ],
        [1, 2, 2, 2, 1],
    ),
    "no name at a role mailbox": ([one("", "info@firm.de"), one("", "info@firm.de")], [1, 1]),
    "a role mailbox and two numbers": (
        [one("", "info@firm.de", PHONE), one("", "info@firm.de", MOBILE)],
        [1, 2],
    ),
    "a number decides, not the role mailbox": (
        [one("Eva Muster", "info@firm.de", PHONE), one("", "sales@firm.de", PHONE)],
        [1, 1],
    ),
    "a new number of one at a role mailbox": (
        [one("Eva Muster", "info@firm.de"), one("Eva Muster", "info@firm.de", MOBILE), one("", None, MOBILE)],
        [1, 1, 1],
    ),
    # A personal address is a strong key, whatever the names say; who else uses it stands in the submission.
    "parents share an address": (
        [one("Eva Muster", "muster@gmail.com"), one("Otto Muster", "muster@gmail.com")],
        [1, 1],
    ),
    "a number nobody has says nothing": (
        [one("Eva Muster", EVA, NOBODYS), one("Eva Muster", OTTO, NOBODYS)],
        [1, 2],
    ),
    # Several keys in one submission.
    "two addresses at once": (
        [one("Eva Muster", EVA, None, ("email", "e@firm.de")), one("", "e@firm.de"), one("", EVA)],
        [1, 1, 1],
    ),
    "two numbers at once": (
        [one("Eva Muster", EVA, PHONE, ("phone", MOBILE)), one("Eva Muster", None, MOBILE)],
        [1, 1],
    ),
    "two addresses of two people: the main one decides": (
        [one("", EVA), one("", OTTO), one("", EVA, None, ("email", OTTO)), one("", OTTO)],
        [1, 2, 1, 2],
    ),
    "an own address before a role mailbox": (
        [
            one("", EVA),
            one("Otto Kern", "info@firm.de", None, ("email", EVA)),
            one("Otto Kern", "info@firm.de"),
        ],
        [1, 1, 1],
    ),
    "a number of somebody else: nothing is stolen": (
        [
            one("Eva Muster", EVA),
            one("Otto Kern", None, PHONE),
            one("Eva Muster", EVA, PHONE),
            one("Otto Kern", None, PHONE),
            one("Eva Muster", None, PHONE),
        ],
        [1, 2, 1, 2, 1],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_who_is_who(case: str) -> None:
    people, expected = CASES[case]
    assert place(*people) == expected


def test_a_number_seen_with_two_names_is_weak_from_then_on() -> None:
    directory = Directory()
    matching.place_all([one("Eva Muster", EVA, PHONE), one("Otto Muster", OTTO, PHONE)], directory, numbers())
    assert directory.newly_shared == {Key("phone", PHONE)}
    assert directory.owners[Key("phone", PHONE)].int == 1
    assert directory.joined == {(Key("phone", PHONE), UUID(int=2))}


def test_a_number_of_another_name_is_weak_also_when_the_address_has_decided() -> None:
    directory = Directory()
    crowd = [one("Eva Muster", EVA), one("Otto Kern", None, PHONE), one("Eva Muster", EVA, PHONE)]
    matching.place_all(crowd, directory, numbers())
    assert directory.newly_shared == {Key("phone", PHONE)}


def test_endless_names_at_one_mailbox_are_not_all_kept_beside_it() -> None:
    directory = Directory()
    crowd = [one(f"Name{n} Kern", "info@firm.de") for n in range(100)]
    placed = matching.place_all(crowd, directory, numbers())
    assert len(set(placed)) == 100
    assert len(directory.holders(Key("email", "info@firm.de"))) == MOST_HOLDERS + 1


def test_what_an_authenticated_source_names_is_kept_as_its_word() -> None:
    directory = Directory()
    told = Person(email="eva@firm.de", trust="authenticated")
    matching.place_all([told, Person(email="eva@firm.de", phone=PHONE)], directory, numbers())
    assert directory.attested == {(Key("email", "eva@firm.de"), UUID(int=1))}


def test_a_number_no_country_gave_out_is_weak() -> None:
    assert matching.is_weak(Key("phone", "+12025550100")) is not normalize.phone_is_valid("+12025550100")
    assert matching.is_weak(Key("phone", NOBODYS))
    assert not matching.is_weak(Key("phone", PHONE))
    assert matching.is_weak(Key("email", "sales+eu@acme.com"))


people = st.builds(
    Person,
    email=st.sampled_from(["a@x.com", "b@x.com", "info@x.com", "c@y.com", None]),
    phone=st.sampled_from([PHONE, "+493090182001", NOBODYS, None]),
    given_name=st.sampled_from(["Ada", "Ben", "A.", None]),
    family_name=st.sampled_from(["Nowak", "Ito", None]),
    more_keys=st.sampled_from([(), (("email", "c@y.com"),), (("phone", "+493090182001"),)]),
)


@given(st.lists(people, max_size=12))
def test_one_batch_finds_the_same_people_as_one_after_the_other(crowd: list[Person]) -> None:
    together = Directory()
    ids = numbers()
    placed = matching.place_all(crowd, together, ids)
    apart = Directory()
    again = numbers()
    assert placed == [matching.place(person, apart, again) for person in crowd]
    assert together.owners == apart.owners
    # An own address, once seen, always leads to the same contact.
    seen: dict[str, UUID] = {}
    for person, contact_id in zip(crowd, placed, strict=True):
        if person.email and not normalize.is_role_mailbox(person.email):
            assert seen.setdefault(person.email, contact_id) == contact_id


@given(st.lists(people, max_size=12))
def test_every_key_leads_to_a_contact_that_exists_and_nobody_loses_one(crowd: list[Person]) -> None:
    directory = Directory()
    placed = matching.place_all(crowd, directory, numbers())
    assert set(directory.owners.values()) <= set(placed)
    assert set(directory.claimed.items()) == set(directory.owners.items())
    for person, contact_id in zip(crowd, placed, strict=True):
        for key in matching.keys_of(person):
            assert contact_id in [contact.id for contact in directory.holders(key)]
