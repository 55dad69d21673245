"""What a correction holds, and for how long: by tables, without a database."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.marketing.people.contacts import corrections, rules
from services.marketing.people.contacts.rules import FIELDS, Company, Contact, Person, Word
from tests.support.samples import NOON

ADA = {"given_name": "Ada", "family_name": "Nowak", "email": "ada@firm.de", "job_title": "CEO"}
VERIFIED = frozenset(FIELDS)


def contact(*held: str, **fields: str | None) -> Contact:
    known = dict.fromkeys(FIELDS) | ADA | fields
    return Contact(UUID(int=1), known, held=frozenset(held))


@pytest.mark.parametrize(
    ("field", "days", "holds"),
    [
        ("phone", 0, True),
        ("phone", 4000, True),
        ("email", 4000, True),
        ("given_name", 4000, True),
        ("name", 4000, True),
        ("job_title", 364, True),
        ("job_title", 365, False),
        ("size", 400, False),
        ("country", 400, False),
    ],
)
def test_name_address_and_number_hold_for_good_and_the_rest_for_a_year(
    field: str, days: int, holds: bool
) -> None:
    corrected = {field: (NOON - timedelta(days=days)).isoformat()}

    assert corrections.held(corrected, NOON) == ({field} if holds else set())
    assert corrections.held(None, NOON) == set()


@pytest.mark.parametrize("how", [rules.fill_in, rules.correct], ids=["a form", "a change by its sender"])
@pytest.mark.parametrize(
    ("held", "said", "then"),
    [
        (("job_title",), {"job_title": "Intern"}, {"job_title": "CEO"}),
        (("phone",), {"phone": "+4930901820"}, {"phone": None}),  # emptied, and so it stays
        (("job_title",), {"country": "DE"}, {"job_title": "CEO", "country": "DE"}),
        (("given_name",), {"given_name": "Mallory", "family_name": "Evil"}, {"given_name": "Ada"}),
        (("given_name",), {"given_name": "Mallory", "family_name": "Evil"}, {"family_name": "Nowak"}),
        (("family_name",), {"given_name": "Mallory", "family_name": "Evil"}, {"given_name": "Ada"}),
        (("family_name",), {"family_name": "Evil"}, {"family_name": "Nowak"}),
    ],
)
@pytest.mark.parametrize(
    "source",
    [{"trust": "anonymous"}, {"trust": "authenticated"}, {"trust": "authenticated", "verified": VERIFIED}],
    ids=["anonymous", "authenticated", "verified"],
)
def test_no_source_overwrites_what_a_person_corrected(
    how: Callable[[Contact, Person], Contact],
    held: tuple[str, ...],
    said: dict[str, Any],
    then: dict[str, str | None],
    source: dict[str, Any],
) -> None:
    after = how(contact(*held), Person(**said, **source))

    assert {name: after.fields[name] for name in then} == then


def test_a_family_name_that_was_missing_is_learnt_beside_a_corrected_given_name() -> None:
    known = contact("given_name", family_name=None)

    same = rules.fill_in(known, Person(given_name="Ada", family_name="Nowak", trust="authenticated"))
    other = rules.fill_in(known, Person(given_name="Otto", family_name="Kern", trust="authenticated"))
    assert (same.fields["family_name"], other.fields["family_name"]) == ("Nowak", None)


def test_a_correction_is_the_best_word() -> None:
    assert contact("email").word_on("email") is Word.CORRECTED
    assert rules.word_on("email", ["email"], ["email"], ["email"]) is Word.CORRECTED
    assert sorted(Word)[-1] is Word.CORRECTED


@pytest.mark.parametrize(
    ("said", "trust", "kept"),
    [
        ({"job_title": "Intern"}, "authenticated", [("job_title", "CEO", "Intern")]),
        ({"job_title": "Intern"}, "anonymous", []),
        ({"job_title": "CEO"}, "authenticated", []),
        ({"country": "DE"}, "authenticated", []),  # nobody corrected it
    ],
)
def test_what_a_known_source_says_otherwise_is_kept_beside(
    said: dict[str, Any], trust: Any, kept: list[tuple[str, str, str]]
) -> None:
    person = Person(**said, trust=trust)

    assert list(corrections.offered_of_contact(contact("job_title"), person)) == kept


def test_a_company_takes_nothing_in_the_place_of_a_correction() -> None:
    known = Company(UUID(int=1), "firm.de", "Firm GmbH", None, held=frozenset({"name", "size"}))
    told = Company(UUID(int=2), "firm.de", "Other Ltd", 900, authenticated=frozenset({"name", "size"}))

    assert not Company(UUID(int=2), "firm.de", "Other Ltd", 900).adds_to(known)
    assert Company(UUID(int=2), "firm.de", industry="steel").adds_to(known)
    assert sorted(corrections.offered_of_company(known, told)) == [
        ("name", "Firm GmbH", "Other Ltd"),
        ("size", None, "900"),
    ]
    stranger = Company(UUID(int=2), "firm.de", "Other Ltd")
    assert list(corrections.offered_of_company(known, stranger)) == []
