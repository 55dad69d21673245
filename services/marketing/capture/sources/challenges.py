"""Services that tell people from programs, as a form may ask them. Pure.

All three take the same question: `siteverify`, with the secret and the token that the page's widget put into
the form. Turnstile: developers.cloudflare.com/turnstile/get-started/server-side-validation; hCaptcha:
docs.hcaptcha.com; reCAPTCHA v2: developers.google.com/recaptcha/docs/verify.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Outcome = Literal["passed", "failed", "unknown", "refused"]


@dataclass(frozen=True, slots=True)
class Provider:
    """Where its widget and its answers come from, and the field in which the page sends the token."""

    field: str
    address: str
    script: str
    css_class: str
    hosts: tuple[str, ...]  # that the widget loads from and talks to


PROVIDERS: Mapping[str, Provider] = {
    "turnstile": Provider(
        "cf-turnstile-response",
        "https://challenges.cloudflare.com/turnstile/v0/siteverify",
        "https://challenges.cloudflare.com/turnstile/v0/api.js",
        "cf-turnstile",
        ("https://challenges.cloudflare.com",),
    ),
    "hcaptcha": Provider(
        "h-captcha-response",
        "https://api.hcaptcha.com/siteverify",
        "https://js.hcaptcha.com/1/api.js",
        "h-captcha",
        ("https://hcaptcha.com", "https://*.hcaptcha.com"),
    ),
    "recaptcha": Provider(
        "g-recaptcha-response",
        "https://www.google.com/recaptcha/api/siteverify",
        "https://www.google.com/recaptcha/api.js",
        "g-recaptcha",
        ("https://www.google.com", "https://www.gstatic.com"),
    ),
}
LONGEST_TOKEN = 8192
# What the answer says when it is the token's fault, or nobody's; anything else is a setting of ours.
_OF_THE_TOKEN = frozenset({"missing-input-response", "invalid-input-response"})
_SPENT = frozenset({"timeout-or-duplicate", "already-seen-response", "expired-input-response"})
_THEIRS = frozenset({"internal-error"})


def outcome(answer: Any, *, again: bool) -> Outcome:
    """What an answer of siteverify says. `again`: the token may be spent by ourselves, or by our being late.

    `unknown` when it can't be said, `refused` when it is our settings that the service does not take.
    """
    if not isinstance(answer, dict) or not isinstance(answer.get("success"), bool):
        return "unknown"
    if answer["success"]:
        return "passed"
    said = answer.get("error-codes")
    codes = (
        frozenset(code for code in said if isinstance(code, str)) if isinstance(said, list) else frozenset()
    )
    if codes & _THEIRS or (again and codes & _SPENT):
        return "unknown"
    return "failed" if not codes or codes & (_OF_THE_TOKEN | _SPENT) else "refused"
