"""What a correction replaces in a contact, and what it leaves."""

import pytest

from services.marketing.people.contacts import matching
from services.marketing.people.contacts.matching import Directory
from services.marketing.people.contacts.rules import Person
from tests.marketing.people.contacts.test_matching import numbers


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
    ada = matching.place(Person(email="ada@acme.com", job_title="CEO"), directory, new_id)
    matching.place(Person(email="ben@acme.com"), directory, new_id)

    matching.amend(directory, ada, told)

    assert (directory.contacts[ada].fields["email"], directory.contacts[ada].fields["job_title"]) == (
        email,
        title,
    )
    # Both of a person's addresses lead to the person from now on.
    assert matching.place(Person(email="ada@acme.com"), directory, new_id) == ada
    if email != "ada@acme.com":
        assert matching.place(Person(email=email), directory, new_id) == ada


def test_a_correction_leaves_what_somebody_else_vouches_for() -> None:
    directory, new_id = Directory(), numbers()
    vouched = Person(
        email="ada@acme.com", job_title="CEO", verified=frozenset({"job_title"}), trust="authenticated"
    )
    ada = matching.place(vouched, directory, new_id)

    matching.amend(directory, ada, Person(job_title="Intern", country="DE", trust="authenticated"))
    fields = directory.contacts[ada].fields
    assert (fields["job_title"], fields["country"]) == ("CEO", "DE")
