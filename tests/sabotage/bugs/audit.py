"""Who did what, and who was refused."""

from tests.sabotage.bug import Bug

TESTS = "tests/shared/http/test_audit.py::"
AUDIT = (
    Bug(
        name="a write leaves no trace",
        file="shared/http/routes.py",
        old="    if response.status_code < 400:\n        await trail.record(",
        new="    if response.status_code < 200:\n        await trail.record(",
        caught_by=(f"{TESTS}test_a_write_says_who_did_what_and_from_where",),
    ),
    Bug(
        name="a repeat is written down as a second write",
        file="shared/http/routes.py",
        old="        if claim is None:\n            response = await work()\n",
        new="        if claim is None or await work() is None:\n            response = await work()\n",
        caught_by=(f"{TESTS}test_a_repeat_is_no_second_write",),
    ),
    Bug(
        name="what a text was before is told to every administrator",
        file="shared/http/audit/trail.py",
        old="    if texts and not (name in WORDS and all(isinstance(value, str) for value in texts)):\n",
        new="    if texts and not all(isinstance(value, str) for value in texts):\n",
        caught_by=("tests/handoff/test_audit.py::test_who_took_over_this_team",),
    ),
    Bug(
        name="every refusal is a row",
        file="shared/http/audit/refusals.py",
        old="        if key not in self._lines and len(self._lines) >= MOST:\n",
        new="        if False:\n",
        caught_by=(f"{TESTS}test_many_addresses_are_few_rows_and_nothing_is_uncounted",),
    ),
    Bug(
        name="anybody reads who did what",
        file="shared/http/audit/routes.py",
        old="read=allow(Role.ADMIN))",
        new="read=allow(*Role))",
        caught_by=(f"{TESTS}test_nobody_else_reads_it",),
    ),
    Bug(
        name="a correction is not written down",
        file="services/marketing/people/corrections/use_cases.py",
        old="""    trail.changed(session, "contacts", contact_id, values)\n""",
        new="",
        caught_by=("tests/marketing/test_audit.py::test_who_changed_this_contact_and_not_what_it_says",),
    ),
)
