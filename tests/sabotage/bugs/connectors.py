"""Who is let in by the doors of one kind."""

from tests.sabotage.bug import Bug

DOOR = "services/marketing/capture/connectors/generic/endpoint.py"
TESTS = "tests/marketing/capture/connectors/test_generic.py::"
LINKEDIN = "services/marketing/capture/connectors/linkedin/endpoint.py"
TIKTOK = "services/marketing/capture/connectors/tiktok/endpoint.py"
KEYS = "tests/marketing/capture/sources/test_resealing.py::"
ENCRYPTION = "services/marketing/capture/sources/encryption.py"
GOOGLE = "services/marketing/capture/connectors/google_ads/endpoint.py"

CONNECTORS = (
    Bug(
        name="the beginning of a generic signature is enough",
        file=DOOR,
        old="hmac.compare_digest(_written(number, signature), _as_sent(one, signature))",
        new="_written(number, signature).startswith(_as_sent(one, signature))",
        caught_by=(TESTS + "test_only_what_is_signed_gets_in",),
    ),
    Bug(
        name="a generic signature is good for ever",
        file=DOOR,
        old="    return abs(clock.now().timestamp() - sent) <= TOLERANCE.total_seconds()\n",
        new="    return True\n",
        caught_by=(TESTS + "test_a_signature_of_another_time_is_refused",),
    ),
    Bug(
        name="LinkedIn's door signs whatever it is asked to",
        file=LINKEDIN,
        old="if len(codes) != 1 or _CODE.fullmatch(codes[0]) is None:",
        new="if len(codes) != 1:",
        caught_by=(
            "tests/marketing/capture/connectors/test_linkedin.py::test_nothing_but_a_uuid4_is_ever_signed",
        ),
    ),
    Bug(
        name="a signature of TikTok's is good for ever",
        file=TIKTOK,
        old="if abs(clock.now().timestamp() - sent_at) > TOLERANCE.total_seconds():",
        new="if False:",
        caught_by=(
            "tests/marketing/capture/connectors/test_tiktok.py::test_a_signature_of_another_time_is_refused",
        ),
    ),
    Bug(
        name="a test of Google's is another word of the lead with its id",
        file=GOOGLE,
        old='return f"t:{lead_id}" if adapter.is_test(values) else f"l:{lead_id}"',
        new='return f"l:{lead_id}"',
        caught_by=(
            "tests/marketing/capture/connectors/test_webhooks.py::test_a_google_test_does_not_swallow_the_lead_with_its_id",
        ),
    ),
    Bug(
        name="what was ticked at Meta is no consent",
        file="services/marketing/capture/connectors/meta/adapter.py",
        old="        consent=read_consent({**lead.answers, **consents}),\n",
        new="",
        caught_by=(
            "tests/marketing/capture/connectors/test_platforms.py"
            "::test_metas_consent_boxes_and_origin_are_kept",
        ),
    ),
    Bug(
        name="a test lead of Meta's becomes a lead",
        file="services/marketing/capture/connectors/meta/adapter.py",
        old="    if _is_test(answers):\n",
        new="    if False:\n",
        caught_by=(
            "tests/marketing/capture/connectors/test_platforms.py::test_metas_test_leads_are_no_leads",
        ),
    ),
    Bug(
        name="other news of a response is another word of it",
        file=DOOR,
        old="    if external and adapter.is_wanted(values, settings):\n",
        new="    if external:\n",
        caught_by=(
            "tests/marketing/capture/connectors/test_presets.py::"
            "test_other_news_of_a_response_does_not_swallow_it",
        ),
    ),
    Bug(
        name="only the newest key opens",
        file=ENCRYPTION,
        old="for cipher in (self._newest, *self._older):",
        new="for cipher in (self._newest,):",
        caught_by=(KEYS + "test_keys_are_changed_in_three_steps_while_the_doors_are_open",),
    ),
    Bug(
        name="what is sealed anew is sealed with the old key",
        file=ENCRYPTION,
        old="        return self.seal(self.open(sealed, connection_id), connection_id)\n",
        new="        return sealed if self.open(sealed, connection_id) else None\n",
        caught_by=(KEYS + "test_keys_are_changed_in_three_steps_while_the_doors_are_open",),
    ),
    Bug(
        name="a short word is good enough for Google's key",
        file="services/marketing/capture/sources/use_cases.py",
        old="        if kind in known.ours and len(secret) < rules.SHORTEST_OF_OURS:\n",
        new="        if False:\n",
        caught_by=(KEYS + "test_a_secret_of_our_choosing_that_can_be_guessed_is_refused",),
    ),
)
