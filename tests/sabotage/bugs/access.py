"""What every request passes: roles, tokens, repeats, limits, the log."""

from tests.sabotage.bug import Bug

ON_COMMIT = "tests/shared/http/test_transactions.py::"
ROWS_OF_SALES = "tests/sales/test_access.py::test_one_and_two_roles_do_to_a_deal_what_one_of_them_may_alone"
ROWS_OF_HANDOFF = (
    "tests/handoff/test_access_to_rows.py::test_one_and_two_roles_do_to_a_row_what_one_of_them_may_alone"
)

EDGE = (
    Bug(
        name="a query parameter that a path does not know passes",
        file="shared/http/query_names.py",
        old="        if name not in names:\n",
        new="        if name not in names and not name:\n",
        caught_by=("tests/contracts/test_queries.py::test_what_a_path_does_not_know_is_refused_by_name",),
    ),
    Bug(
        name="a page whose link has a campaign's tags is refused",
        file="shared/http/query_names.py",
        old="return dependant.call is any_query or any(",
        new="return any(",
        caught_by=(
            "tests/marketing/capture/embed/test_api.py::test_what_others_add_to_an_address_is_no_mistake",
        ),
    ),
    Bug(
        name="If-Match is not looked at",
        file="shared/http/etags.py",
        old="        return int(match[1])\n",
        new="        return None\n",
        caught_by=(
            "tests/marketing/acquisition/campaigns/test_api.py::test_a_stale_edit_is_refused",
            "tests/sales/selling/deals/test_api.py::test_a_stale_edit_is_refused_and_a_fresh_one_taken",
        ),
    ),
    Bug(
        name="one route forgets to check the role",
        file="services/handoff/handshake/access.py",
        old='"whom an offer is made to", change=allow(Role.ADMIN, rows=MANAGERS)',
        new='"whom an offer is made to", change=allow(*Role)',
        caught_by=(
            "tests/handoff/test_access.py::test_every_route_lets_in_exactly_whom_this_list_names",
            "tests/handoff/test_access.py::test_nobody_else_gets_in",
            "tests/handoff/test_access.py::test_two_roles_let_in_where_one_of_them_does",
        ),
    ),
    Bug(
        name="a rep sees everybody's offers",
        file="services/handoff/handshake/assignments/queries.py",
        old="return found.where(reps_within(access, caller))",
        new="return found",
        caught_by=(
            "tests/handoff/test_access_to_rows.py::test_a_rep_sees_their_own_and_a_manager_their_teams",
        ),
    ),
    Bug(
        name="a change of a deal asks only for what may be seen",
        file="services/sales/selling/deals/use_cases.py",
        old="deal = await queries.deal_within(session, access, caller",
        new="deal = await queries.deal_within(session, DEALS.read, caller",
        caught_by=(
            ROWS_OF_SALES,
            "tests/sales/test_access.py::test_who_may_only_see_a_deal_hears_why_they_cannot_change_it",
        ),
    ),
    Bug(
        name="a change of an activity asks only for what may be seen",
        file="services/sales/work/activities/use_cases.py",
        old="queries.activity_within(session, ACTIVITIES.change, caller",
        new="queries.activity_within(session, ACTIVITIES.read, caller",
        caught_by=(ROWS_OF_SALES,),
    ),
    Bug(
        name="whoever sells in a team may take it over",
        file="services/handoff/staff/reps/queries.py",
        old="found = select(Team).where(Team.id == team_id, teams_within(access, caller))",
        new="found = select(Team).where(Team.id == team_id, teams_within(TEAMS.read, caller))",
        caught_by=(
            ROWS_OF_HANDOFF,
            "tests/handoff/test_access_to_rows.py::test_who_manages_another_team_does_not_take_over_their_own",
        ),
    ),
    Bug(
        name="an offer is answered by whoever sees it",
        file="services/handoff/handshake/assignments/use_cases.py",
        old="row = await queries.locked(session, assignment_id, access, caller)",
        new="row = await queries.locked(session, assignment_id, RETURNS.change, caller)",
        caught_by=(
            ROWS_OF_HANDOFF,
            "tests/handoff/test_access_to_rows.py::test_only_the_rep_themselves_can_answer",
        ),
    ),
    Bug(
        name="every role enters the past of everything",
        file="services/sales/selling/deals/use_cases.py",
        old="if not access.by(caller, *MANAGERS):",
        new="if caller.roles.isdisjoint(MANAGERS):",
        caught_by=(
            "tests/sales/test_access.py::test_only_a_role_that_moves_deals_enters_the_past_of_a_move",
        ),
    ),
    Bug(
        name="a token for another service is good here",
        file="shared/auth/authentication.py",
        old="        check_audience(token.claims, [self._service])\n",
        new="",
        caught_by=("tests/shared/auth/test_auth.py::test_a_service_token_for_another_service_is_refused",),
    ),
    Bug(
        name="a commit that failed is answered like one that did not",
        file="shared/http/routes.py",
        old="            await transaction.commit()\n",
        new="            try:\n                await transaction.commit()\n"
        "            except Exception:\n                pass\n",
        caught_by=(ON_COMMIT + "test_a_commit_that_fails_is_never_a_success",),
    ),
    Bug(
        name="a refusal keeps what was done before it",
        file="shared/http/routes.py",
        old="        if response.status_code < 400:\n",
        new="        if True:\n",
        caught_by=(ON_COMMIT + "test_an_answer_that_refuses_changes_nothing",),
    ),
    Bug(
        name="an Idempotency-Key answers another request",
        file="shared/http/idempotency.py",
        old="    if row.fingerprint != claim.fingerprint:\n",
        new="    if False:\n",
        caught_by=("tests/shared/http/test_idempotency.py::test_the_key_with_another_body_is_refused",),
    ),
    Bug(
        name="a page shows the last row of the one before again",
        file="shared/http/paging.py",
        old="row < last if self._descending else row > last",
        new="row <= last if self._descending else row >= last",
        caught_by=("tests/shared/http/test_paging.py::test_pages_show_every_row_once_and_in_order",),
    ),
    Bug(
        name="a body is only as large as it says",
        file="shared/http/limits.py",
        old="        size += len(part)\n",
        new="        size += 0\n",
        caught_by=(
            "tests/shared/http/test_limits.py::test_a_body_over_the_limit_is_refused_while_it_arrives",
        ),
    ),
    Bug(
        name="a byte now and then holds a connection for ever",
        file="shared/http/receive_deadline.py",
        old="        if self._refused:\n            return\n        self._completed = False\n",
        new="        if self._refused:\n            return\n        self._disarm()\n        self._arm()\n"
        "        self._completed = False\n",
        caught_by=("tests/shared/http/test_wire.py::test_a_byte_now_and_then_does_not_buy_time",),
    ),
    Bug(
        name="a transfer coding nobody here can read is let pass",
        file="shared/http/receive_deadline.py",
        old='if codings and [value.strip().lower() for value in codings] != [b"chunked"]:',
        new="if False:",
        caught_by=(
            "tests/shared/http/test_wire.py::test_what_two_parsers_could_read_differently_is_refused",
        ),
    ),
    Bug(
        name="the log shows addresses",
        file="shared/observability/logs.py",
        old="return scrub(str(value)) if isinstance",
        new="return str(value) if isinstance",
        caught_by=(
            "tests/shared/observability/test_logs.py::test_a_field_on_the_list_is_scrubbed_all_the_same",
        ),
    ),
    Bug(
        name="one public address of a name that people entered is enough",
        file="shared/clients/guarded.py",
        old="not all(found in self._allowed",
        new="not any(found in self._allowed",
        caught_by=(
            "tests/shared/clients/test_guarded.py::test_one_address_of_ours_among_others_is_one_too_many",
        ),
    ),
    Bug(
        name="a name that people entered is looked up for the check only",
        file="shared/clients/guarded.py",
        old="connect_tcp(addresses[0], port, timeout",
        new="connect_tcp(host, port, timeout",
        caught_by=(
            "tests/shared/clients/test_guarded.py::"
            "test_a_name_that_changes_its_mind_is_connected_to_as_it_was_looked_up",
        ),
    ),
)
