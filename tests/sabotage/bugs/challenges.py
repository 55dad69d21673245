"""Challenges of forms."""

from tests.sabotage.bug import Bug

TESTS = "tests/marketing/capture/submissions/test_challenges.py::"
CHALLENGES = (
    Bug(
        name="who did not pass a challenge is a lead all the same",
        file="services/marketing/capture/submissions/rules.py",
        old="""    if not released and lead.challenge == "failed":\n        return Verdict""",
        new="""    if released and lead.challenge == "failed":\n        return Verdict""",
        caught_by=(f"{TESTS}test_who_does_not_pass_is_set_aside_and_can_be_released",),
    ),
    Bug(
        name="a form sent without a token passes",
        file="services/marketing/capture/connectors/web_form/client.py",
        old='        if not token or len(token) > LONGEST_TOKEN:\n            found: Outcome = "failed"\n',
        new='        if not token or len(token) > LONGEST_TOKEN:\n            found: Outcome = "unknown"\n',
        caught_by=(f"{TESTS}test_who_does_not_pass_is_set_aside_and_can_be_released",),
    ),
    Bug(
        name="a token that waited with us keeps a person out",
        file="services/marketing/capture/submissions/challenged.py",
        old="        again = claim.attempts > 1 or task.raw.received_at < late\n",
        new="        again = claim.attempts > 1\n",
        caught_by=(f"{TESTS}test_a_token_that_waited_with_us_keeps_nobody_out",),
    ),
    Bug(
        name="tokens are kept as answers",
        file="services/marketing/capture/connectors/field_names/ignored.txt",
        old="cf-turnstile-response\n",
        new="",
        caught_by=(f"{TESTS}test_who_passes_is_a_lead_and_their_token_is_kept_nowhere",),
    ),
)
