"""Whose pages may use a form, and what it tells of itself."""

from tests.sabotage.bug import Bug

SOURCES = "services/marketing/capture/sources/rules.py"
HEALTH = "services/marketing/capture/form_health/rules.py"
JOB = "services/marketing/capture/form_health/jobs.py"
ORIGINS = "tests/marketing/capture/sources/test_origins.py::"

FORMS = (
    Bug(
        name="a wildcard lets in whoever ends alike",
        file=SOURCES,
        old='origin.endswith("." + rest)',
        new="origin.endswith(rest)",
        caught_by=(ORIGINS + "test_a_page_may_post_by_its_origin",),
    ),
    Bug(
        name="a form sends people anywhere by http",
        file=SOURCES,
        old='if not origin.startswith("https://") and not is_local(origin):',
        new='if not origin.startswith(("https://", "http://")):',
        caught_by=(ORIGINS + "test_a_form_without_origins_sends_people_to_https_or_their_own_machine",),
    ),
    Bug(
        name="a form is silent after its longest pause, not after twice that",
        file=HEALTH,
        old="now - within[-1] > 2 * longest_gap(within)",
        new="now - within[-1] > longest_gap(within)",
        caught_by=(
            "tests/marketing/capture/form_health/test_rules.py::"
            "test_a_form_is_silent_when_it_never_was_for_half_as_long",
        ),
    ),
    Bug(
        name="a form that rejects all it gets looks well",
        file=JOB,
        old="days.get(form.id, rules.Day())",
        new="rules.Day()",
        caught_by=(
            "tests/marketing/capture/form_health/test_jobs.py::test_a_form_that_rejects_most_says_so",
        ),
    ),
)
