"""Who is who, and whose word counts."""

from tests.sabotage.bug import Bug

CONTACTS = "services/marketing/people/contacts/"
MATCHING = "tests/marketing/people/contacts/test_matching.py::"
WORD = "tests/marketing/people/contacts/test_whose_word.py::"
AT_ONCE = "tests/marketing/people/contacts/test_identify_at_once.py::"

PEOPLE = (
    Bug(
        name="what a web form says is an authenticated source's word",
        file="services/marketing/capture/connectors/web_form/endpoint.py",
        old="    authenticated=False,\n",
        new="",
        caught_by=(WORD + "test_a_stranger_neither_changes_nor_hides_in_what_a_sender_said",),
    ),
    Bug(
        name="the first stranger names a company for good",
        file=CONTACTS + "writes.py",
        old='f"CASE WHEN {told} THEN excluded.{name} ELSE coalesce(t.{name}, excluded.{name}) END"',
        new='f"CASE WHEN {told} THEN t.{name} ELSE coalesce(t.{name}, excluded.{name}) END"',
        caught_by=(WORD + "test_a_company_is_named_by_the_best_source_not_by_the_first_stranger",),
    ),
    Bug(
        name="a couple with one landline is one person",
        file=CONTACTS + "matching.py",
        old="    if Likeness.DIFFERENT in (given, family):\n",
        new="    if family is Likeness.DIFFERENT:\n",
        caught_by=(
            MATCHING + "test_who_is_who",
            WORD + "test_a_couple_with_one_landline_are_two_people_with_two_leads",
        ),
    ),
    Bug(
        name="the second reader of a role mailbox is a new person each time",
        file=CONTACTS + "queries.py",
        old="directory.others.setdefault(key, []).append(contact_id)",
        new="continue",
        caught_by=(WORD + "test_two_names_at_a_role_mailbox_are_two_people",),
    ),
    Bug(
        name="whoever reaches a person by another key does not wait",
        file=CONTACTS + "queries.py",
        old=" FOR NO KEY UPDATE OF c",
        new="",
        caught_by=(
            AT_ONCE + "test_two_batches_that_reach_one_person_by_different_keys_lose_nothing_of_each_other",
        ),
    ),
)
