"""What a person corrected holds, and what came in goes when its days are over and not before."""

from tests.sabotage.bug import Bug

CORRECTIONS = "tests/marketing/people/corrections/"
RETENTION = "tests/marketing/capture/retention/"

KEPT = (
    Bug(
        name="a correction is overwritten by the next form",
        file="services/marketing/people/contacts/rules.py",
        old="        return Word.CORRECTED\n",
        new="        return Word.ANONYMOUS\n",
        caught_by=(
            CORRECTIONS + "test_contacts.py::test_a_correction_is_shown_and_holds_against_every_source",
            CORRECTIONS + "test_contacts.py::test_what_was_emptied_stays_empty",
        ),
    ),
    Bug(
        name="a corrected company is called as the next source says",
        file="services/marketing/people/contacts/writes.py",
        old="CASE WHEN {_stands(name)} THEN t.{name} ELSE {kept} END",
        new="CASE WHEN {_stands(name)} THEN {kept} ELSE {kept} END",
        caught_by=(
            CORRECTIONS + "test_companies.py::test_what_was_emptied_stays_empty_and_a_size_for_a_year_only",
        ),
    ),
    Bug(
        name="a stale If-Match is taken at contacts",
        file="services/marketing/people/corrections/use_cases.py",
        old="""    if row is None:
        raise NotFoundError(NOBODY)
    check_version(if_match, row["version"])
""",
        new="""    if row is None:
        raise NotFoundError(NOBODY)
""",
        caught_by=(CORRECTIONS + "test_at_once.py::test_of_many_corrections_of_one_version_one_wins",),
    ),
    Bug(
        name="a rep corrects whom nobody has given them",
        file="services/marketing/people/corrections/use_cases.py",
        old="    mine = reach & await holds.reach(session, caller.subject, contact_id, now=now)\n",
        new="    mine = reach\n",
        caught_by=(
            CORRECTIONS + "test_access.py::test_every_role_and_pair_reads_and_corrects_what_is_theirs",
        ),
    ),
    Bug(
        name="retention takes a pending delivery",
        file="services/marketing/capture/retention/queries.py",
        old="d.state IN ('read', 'repeat', 'notice') AND NOT EXISTS",
        new="NOT EXISTS",
        caught_by=(RETENTION + "test_days.py::test_what_waits_is_never_taken",),
    ),
    Bug(
        name="a cleared body counts as another",
        file="services/marketing/capture/deliveries/kept.py",
        old="body_sha256 = coalesce(body_sha256, sha256(body))",
        new="body_sha256 = sha256('')",
        caught_by=(RETENTION + "test_after.py::test_a_key_goes_on_being_of_the_body_that_went",),
    ),
    Bug(
        name="a body goes while a lead in it is being replayed",
        file="services/marketing/capture/retention/jobs.py",
        old="set(due.values()), queries.WAITS",
        new="set(due.values()), ()",
        caught_by=(RETENTION + "test_days.py::test_a_body_stays_while_a_lead_in_it_is_being_replayed",),
    ),
)
