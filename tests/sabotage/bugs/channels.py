"""Channels named wrong, and touches that lose or double what they count for."""

from tests.sabotage.bug import Bug

RULES = "services/marketing/acquisition/channels/rules.py"
ORIGIN = "services/marketing/capture/connectors/origin.py"
CASES = "tests/marketing/acquisition/channels/"
CLAIMS = "tests/marketing/funnel/leads/test_claims.py::"

CHANNELS = (
    Bug(
        name="a macro nobody filled in counts as a click id",
        file=RULES,
        old='    return value if _SUSPECT.search(value) is None or not _is_macro(value) else ""\n',
        new="    return value\n",
        caught_by=(CASES + "test_rules.py::test_click_ids",),
    ),
    Bug(
        name="the medium alone decides what was paid for",
        file=RULES,
        old="    return _CHANNELS_OF[source_kind(source), kind]\n",
        new='    return _CHANNELS_OF["none", kind]\n',
        caught_by=(CASES + "test_rules.py::test_tags",),
    ),
    Bug(
        name="tags behind a number sign are not read",
        file=ORIGIN,
        old='_SEPARATOR = re.compile(r"[?&#]")',
        new='_SEPARATOR = re.compile(r"[?&]")',
        caught_by=(
            "tests/marketing/capture/connectors/test_origin.py"
            "::test_a_landing_address_is_read_however_it_is_written",
        ),
    ),
    Bug(
        name="a campaign takes the leads and leaves them counted where they were",
        file="services/marketing/funnel/leads/jobs.py",
        old="    changes[(day, None, before), what] -= 1\n",
        new="",
        caught_by=(CLAIMS + "test_a_campaign_registered_later_gets_its_touches_leads_and_later_deals",),
    ),
    Bug(
        name="a correction moves a closed deal's credits to the campaign that came later",
        file="services/marketing/revenue/attribution/use_cases.py",
        old="as_booked(journey, ledger[deal_id])",
        new="journey",
        caught_by=(CLAIMS + "test_a_deal_closed_before_keeps_its_credits_when_it_is_corrected",),
    ),
    Bug(
        name="a leave given beside a refusal is consent",
        file="services/marketing/people/consents/rules.py",
        old='        if purpose and state and states.get(purpose) != "denied":\n',
        new="        if purpose and state:\n",
        caught_by=(
            "tests/marketing/people/consents/test_rules.py"
            "::test_silence_is_no_consent_and_a_refusal_beats_a_leave",
        ),
    ),
)
