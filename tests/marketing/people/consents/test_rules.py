"""A table of cases: what forms call consent, what their boxes send, and what that is. Add a line."""

import pytest

from services.marketing.people.consents.rules import read_consent, state_of


@pytest.mark.parametrize(
    ("name", "purpose"),
    [
        ("consent_ad_storage", "ad_storage"),
        ("consent.ad_user_data", "ad_user_data"),
        ("ad_personalization", "ad_personalization"),
        ("consent[analytics_storage]", "analytics_storage"),
        ("consent[marketing_email]", "marketing_email"),
        ("marketing_opt_in", "marketing_email"),
        ("newsletter", "marketing_email"),
        ("email_consent", "marketing_email"),
        ("consent_marketing_phone", "marketing_phone"),
        ("phone_opt_in", "marketing_phone"),
        ("gdpr", "privacy"),
        ("privacy-policy", "privacy"),
    ],
)
def test_names_of_consent(name: str, purpose: str) -> None:
    found = read_consent({name: "granted", "name": "Ana"})

    assert found is not None
    assert dict(found.states) == {purpose: "granted"}


@pytest.mark.parametrize("name", ["email", "phone", "marketing", "message", "consent", "sms"])
def test_what_is_no_question_of_consent(name: str) -> None:
    assert read_consent({name: "yes"}) is None


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("on", "granted"),
        ("yes", "granted"),
        ("true", "granted"),
        ("1", "granted"),
        ("Ja", "granted"),
        ("Ja, gerne", "granted"),
        ("Oui", "granted"),
        ("I agree to receive news", "granted"),
        ("Ich stimme zu", "granted"),
        ("denied", "denied"),
        ("no", "denied"),
        ("No, thanks", "denied"),
        ("false", "denied"),
        ("0", "denied"),
        ("I do not agree", "denied"),
        ("I don't agree", "denied"),
        ("Ich stimme nicht zu", "denied"),
        ("weekly", None),
        ("on Mondays", None),
        ("", None),
        ("undefined", None),
    ],
)
def test_what_boxes_send(answer: str, state: str | None) -> None:
    assert state_of(answer) == state


def test_silence_is_no_consent_and_a_refusal_beats_a_leave() -> None:
    assert read_consent({"name": "Ana", "consent_text_version": "7"}) is None
    both = read_consent({"newsletter": "no", "marketing_opt_in": "yes", "consent_text_version": "7"})
    assert both is not None
    assert (dict(both.states), both.text_version) == ({"marketing_email": "denied"}, "7")
