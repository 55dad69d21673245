"""What a key opens, who has left, and what the log knows of who asked."""

from tests.sabotage.bug import Bug

CREDENTIALS = (
    Bug(
        name="reps book the payment that their win waits for",
        file="services/sales/app.py",
        old="booking(by_sellers=settings.reps_book_payments)",
        new="booking(by_sellers=True)",
        caught_by=(
            "tests/sales/selling/payments/test_payments.py::"
            "test_where_payment_is_asked_for_it_comes_before_the_win",
        ),
    ),
    Bug(
        name="an inactive rep goes on answering offers",
        file="services/handoff/staff/reps/queries.py",
        old="    return and_(Rep.subject == caller.subject, Rep.active)\n",
        new="    return and_(Rep.subject == caller.subject)\n",
        caught_by=(
            "tests/handoff/handshake/assignments/test_inactive.py::test_an_inactive_rep_answers_for_nothing",
        ),
    ),
    Bug(
        name="an inactive rep goes on selling",
        file="services/sales/reference/reps/queries.py",
        old="where(rep.subject == caller.subject, rep.active)",
        new="where(rep.subject == caller.subject)",
        caught_by=(
            "tests/sales/selling/deals/test_inactive.py::test_an_inactive_rep_does_nothing_to_a_deal",
        ),
    ),
    Bug(
        name="a key is made for whatever it is said to open",
        file="shared/http/api_key_routes.py",
        old="    _check_scopes(form.scopes, scopes_of(request.app))\n",
        new="",
        caught_by=(
            "tests/shared/auth/test_api_keys.py::"
            "test_a_scope_that_no_route_takes_is_refused_and_those_there_are_named",
        ),
    ),
    Bug(
        name="a server's key reaches rows without the scope",
        file="shared/auth/access.py",
        old="            return Rows.ALL if self.servers in caller.scopes else Rows.NONE\n",
        new="            return Rows.ALL\n",
        caught_by=(
            "tests/shared/auth/test_access.py::test_a_server_reaches_all_rows_with_the_scope_and_none_without",
        ),
    ),
    Bug(
        name="an edit that names no version replaces whatever is there",
        file="shared/http/etags.py",
        old="    if sent is None:\n",
        new="    if sent is None:\n        return None\n    if False:\n",
        caught_by=(
            "tests/shared/http/test_edits.py::"
            "test_an_edit_that_names_no_version_is_refused_and_says_what_to_send",
        ),
    ),
    Bug(
        name="who is refused leaves no name in the log",
        file="shared/http/routes.py",
        old='    request.scope["leadloop.caller"] = caller  # who is refused below is in the log, too\n',
        new="",
        caught_by=("tests/shared/http/test_who_asked.py::test_a_person_is_known_by_subject_and_token",),
    ),
)
