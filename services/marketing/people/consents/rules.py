"""What a form's fields say of consent. Pure. A purpose nobody was asked about is in no answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal
from uuid import UUID

State = Literal["granted", "denied"]
PURPOSES = (
    "ad_storage",
    "ad_user_data",
    "ad_personalization",
    "analytics_storage",
    "marketing_email",
    "marketing_phone",
    "privacy",  # the notice or terms: agreed to in order to write to us, and no leave for marketing
)
LONGEST_TEXT = 200
_NOT_WORD = re.compile(r"[\W_]+")
# Names as forms write them, without `consent_` before them.
_NAMES = {
    "ad_storage": "ad_storage",
    "ad_user_data": "ad_user_data aduserdata",
    "ad_personalization": "ad_personalization ad_personalisation adpersonalization",
    "analytics_storage": "analytics_storage",
    "marketing_email": "marketing_email email_marketing marketing_opt_in marketing_optin marketing_mail "
    "marketing newsletter newsletter_opt_in newsletter_optin newsletter_signup subscribe_newsletter "
    "email_opt_in email_optin accepts_marketing accept_marketing subscribe opt_in optin email mail",
    "marketing_phone": "marketing_phone phone_marketing phone_opt_in phone_optin call_opt_in sms_opt_in "
    "sms_optin marketing_sms phone sms",
    "privacy": "gdpr gdpr_agreement dsgvo privacy privacy_policy datenschutz terms terms_and_conditions "
    "acceptance rgpd lgpd",
}
_PURPOSE_OF = {name: purpose for purpose, names in _NAMES.items() for name in names.split()}
# These are fields of other things, too: consent only with the word before or after it.
_AMBIGUOUS = frozenset(["email", "mail", "phone", "sms", "marketing", "subscribe", "terms"])
_TEXT_VERSION = frozenset(["consent_text_version", "consent_version", "privacy_version", "text_version"])
_GRANTED = (
    "granted grant yes y true on 1 checked accepted accept agree agreed allow allowed opt_in opted_in x ok "
    "ja si sí sì oui sim tak да はい 是 i_agree i_accept i_consent i_have_read ich_stimme ich_willige "
    "ich_akzeptiere j_accepte acepto accetto aceito"
)
_DENIED = (
    "denied deny no n false off 0 unchecked declined decline refused refuse disagree opt_out opted_out "
    "nein non não nie нет いいえ 否 i_do_not i_don_t ich_stimme_nicht ich_willige_nicht"
)
_ONLY_ALONE = frozenset(["y", "n", "1", "0", "x", "on", "off", "ok", "si", "true", "false"])
_DENYING, _GRANTING = (tuple(sorted(words.split(), key=len, reverse=True)) for words in (_DENIED, _GRANTED))


@dataclass(frozen=True, slots=True)
class Consent:
    """What one submission says: each purpose it names, and the version of the text that was shown."""

    states: Mapping[str, State]
    text_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRow:
    """One purpose of one submission, as it is kept. `source` is the door, `source_id` its form."""

    submission_id: UUID
    purpose: str
    contact_id: UUID
    state: State
    source: str
    source_id: UUID
    text_version: str | None
    at: datetime


def read_consent(answers: Mapping[str, str]) -> Consent | None:
    """The consent in these answers; None when nobody was asked. A refusal beats a leave given beside it."""
    states: dict[str, State] = {}
    version: str | None = None
    for name, answer in answers.items():
        plain = _plain(name)
        if plain in _TEXT_VERSION:
            version = answer[:LONGEST_TEXT]
            continue
        purpose = _purpose(plain)
        state = state_of(answer) if purpose else None
        if purpose and state and states.get(purpose) != "denied":
            states[purpose] = state
    return Consent(states, version) if states else None


def state_of(answer: str) -> State | None:
    """Granted or denied; None for what is neither, which then is no consent."""
    plain = _NOT_WORD.sub("_", answer[:LONGEST_TEXT].casefold()).strip("_")
    if any(_begins(plain, word) for word in _DENYING):
        return "denied"
    return "granted" if any(_begins(plain, word) for word in _GRANTING) else None


def _begins(plain: str, word: str) -> bool:
    """The answer is the word, or a sentence that begins with it ("yes, please"); "on Mondays" is none."""
    return plain == word or (word not in _ONLY_ALONE and plain.startswith(f"{word}_"))


@lru_cache(4096)
def _plain(name: str) -> str:
    return _NOT_WORD.sub("_", name[:200].casefold()).strip("_")


@lru_cache(4096)
def _purpose(plain: str) -> str | None:
    bare = plain.removeprefix("consent_").removeprefix("disclaimer_").removesuffix("_consent")
    purpose = _PURPOSE_OF.get(bare)
    return None if purpose and bare == plain and bare in _AMBIGUOUS else purpose
