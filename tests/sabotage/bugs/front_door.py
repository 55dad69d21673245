"""How leads come in, and qualify."""

from tests.sabotage.bug import Bug

DOOR = "tests/marketing/capture/deliveries/test_group_commit.py::"
HOOKS = "tests/marketing/capture/connectors/test_webhooks.py::"

PARTS = "tests/marketing/capture/deliveries/test_multipart.py::"
INTAKE = "tests/marketing/capture/submissions/"
BODIES = "tests/marketing/capture/deliveries/test_bodies.py::"
REPEATS = "tests/marketing/capture/connectors/test_repeats.py::"

CAPTURE = (
    Bug(
        name="a part's headers have no limit",
        file="services/marketing/capture/deliveries/multipart.py",
        old="        if self._left < 0:\n",
        new="        if False:\n",
        caught_by=(PARTS + "test_what_can_not_be_read_is_refused",),
    ),
    Bug(
        name="a part's name may come with any number of semicolons",
        file="services/marketing/capture/deliveries/multipart.py",
        old='disposition.count(b";") > MOST_PARAMETERS',
        new="False",
        caught_by=(PARTS + "test_what_can_not_be_read_is_refused",),
    ),
    Bug(
        name="a person is lost for one odd letter",
        file="services/marketing/capture/deliveries/encodings.py",
        old='    return _with_surrogates(data) or data.decode(FALLBACK, "replace")\n',
        new="    return data.decode()\n",
        caught_by=(BODIES + "test_a_form_is_read_in_whatever_way_it_is_written",),
    ),
    Bug(
        name="another body under a known key is taken for a repeat",
        file="services/marketing/capture/deliveries/writes.py",
        old="coalesce(coalesce(d.body_sha256, sha256(d.body)) = sha256(r.body), true) AS same",
        new="true AS same",
        caught_by=(REPEATS + "test_another_body_under_a_known_key",),
    ),
    Bug(
        name="the front door answers before the commit",
        file="services/marketing/capture/deliveries/group_commit.py",
        old="        return await waiting.stored\n",
        new="        return arrived.id\n",
        caught_by=(DOOR + "test_a_database_that_is_away_is_never_a_success",),
    ),
    Bug(
        name="a key of one source hides the delivery of another",
        file="services/marketing/capture/deliveries/writes.py",
        old="ON d.source_id = r.source_id AND d.dedupe_key = r.dedupe_key",
        new="ON d.dedupe_key = r.dedupe_key",
        caught_by=(DOOR + "test_two_sources_may_use_the_same_key",),
    ),
    Bug(
        name="who waits at the stop is forgotten",
        file="services/marketing/capture/deliveries/group_commit.py",
        old="while self._waiting or self._flushing:",
        new="while False:",
        caught_by=(DOOR + "test_those_who_wait_at_the_stop_are_stored",),
    ),
    Bug(
        name="a signature is compared with what the parser made of the bytes",
        file="services/marketing/capture/connectors/meta/endpoint.py",
        old="expected = hmac.new(secret.encode(), body, hashlib.sha256)",
        new="import orjson\n"
        "        expected = hmac.new(secret.encode(), orjson.dumps(orjson.loads(body)), hashlib.sha256)",
        caught_by=(HOOKS + "test_bytes_that_only_mean_the_same_are_not_signed",),
    ),
    Bug(
        name="a signature of any secret will do",
        file="services/marketing/capture/connectors/meta/endpoint.py",
        old="found |= hmac.compare_digest(expected, match[1].lower())",
        new="found |= len(expected) == len(match[1])",
        caught_by=(HOOKS + "test_only_signed_bytes_get_in",),
    ),
    Bug(
        name="any page may post to any form",
        file="services/marketing/capture/sources/rules.py",
        old='    return told in ("", "null") or told in OUR_ORIGINS or fits_any(told, form.origins)\n',
        new="    return True\n",
        caught_by=(
            "tests/marketing/capture/connectors/test_form_kept.py"
            "::test_a_page_of_another_origin_is_set_aside_and_can_be_let_in",
        ),
    ),
    Bug(
        name="one lead that fails takes its whole batch with it",
        file="services/marketing/capture/submissions/jobs.py",
        old="        await _go_on_after(error, sessions, claimed, found)\n",
        new="        raise error\n",
        caught_by=(
            "tests/marketing/capture/submissions/test_jobs.py::test_a_lead_that_fails_is_set_aside_alone",
        ),
    ),
    Bug(
        name="those who failed together are never tried alone",
        file="services/marketing/capture/deliveries/claims.py",
        old="SELECT id, attempts = 1 AND coalesce",
        new="SELECT id, coalesce",
        caught_by=(
            INTAKE + "test_poison.py::test_a_session_that_ends_in_its_transaction_is_not_tried_for_ever",
        ),
    ),
    Bug(
        name="a claim keeps nobody away",
        file="services/marketing/capture/deliveries/claims.py",
        old="AND attempts = 0 AND coalesce",
        new="AND coalesce",
        caught_by=(
            "tests/marketing/capture/deliveries/test_claims.py"
            "::test_a_claim_keeps_others_away_until_it_runs_out",
        ),
    ),
    Bug(
        name="a second click is a second visit",
        file="services/marketing/capture/submissions/repeats.py",
        old="abs(occurred_at - at) < SAME_VISIT",
        new="abs(occurred_at - at) < timedelta()",
        caught_by=(INTAKE + "test_repeats.py::test_the_same_said_again_is_one_touch",),
    ),
    Bug(
        name="a change to a lead is a second visit",
        file="services/marketing/funnel/leads/use_cases.py",
        old=" for arrival in arrivals if not arrival.amends]",
        new=" for arrival in arrivals]",
        caught_by=(INTAKE + "test_changes.py::test_an_external_id_stands_for_one_lead",),
    ),
    Bug(
        name="a lead qualifies again while sales has it",
        file="services/marketing/funnel/leads/rules.py",
        old="if lead.stage != Stage.LEAD and lead.stage not in CLOSED and not wakes(lead, arrival):",
        new="if False:",
        caught_by=(
            "tests/marketing/funnel/leads/test_rules.py::test_only_an_unqualified_or_ended_lead_qualifies",
        ),
    ),
    Bug(
        name="nobody hears of a person of the past who writes",
        file="services/marketing/funnel/leads/rules.py",
        old='    return not arrival.backfilled or (arrival.route and lead.backfill == "held")\n',
        new="    return False\n",
        caught_by=(
            "tests/marketing/funnel/leads/test_register.py::test_history_is_held_until_the_person_writes",
        ),
    ),
)
