"""How leads come in, and qualify."""

from tests.sabotage.bug import Bug

DOOR = "tests/marketing/capture/deliveries/test_group_commit.py::"
HOOKS = "tests/marketing/capture/connectors/test_webhooks.py::"

BODIES = "tests/marketing/capture/deliveries/test_bodies.py::"

CAPTURE = (
    Bug(
        name="a part's headers have no limit",
        file="services/marketing/capture/deliveries/bodies.py",
        old="        if self._left < 0:\n",
        new="        if False:\n",
        caught_by=(BODIES + "test_what_can_not_be_read_is_refused",),
    ),
    Bug(
        name="a part's name may come with any number of semicolons",
        file="services/marketing/capture/deliveries/bodies.py",
        old='disposition.count(b";") > MOST_PARAMETERS',
        new="False",
        caught_by=(BODIES + "test_what_can_not_be_read_is_refused",),
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
        caught_by=("tests/marketing/capture/connectors/test_forms_door.py::test_origins_are_checked",),
    ),
    Bug(
        name="one lead that fails takes its whole batch with it",
        file="services/marketing/capture/submissions/jobs.py",
        old="            await give_up(session, one)\n",
        new="            raise\n",
        caught_by=(
            "tests/marketing/capture/submissions/test_jobs.py::test_a_lead_that_fails_is_set_aside_alone",
        ),
    ),
    Bug(
        name="a lead qualifies again while sales has it",
        file="services/marketing/funnel/leads/rules.py",
        old="if lead.stage != Stage.LEAD and lead.stage not in CLOSED:",
        new="if False:",
        caught_by=(
            "tests/marketing/funnel/leads/test_rules.py::test_only_an_unqualified_or_ended_lead_qualifies",
        ),
    ),
)
