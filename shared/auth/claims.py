"""What the claims of a token mean here, once its signature is known to be good. Pure: no clock, no settings.

Times and audience (RFC 7519, section 4.1), who it is, and which of our roles the provider gives them.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from shared.auth.access import Role
from shared.auth.tokens import refused

LEEWAY_SECONDS = 5.0  # after its end
AHEAD_SECONDS = 60.0  # a provider's clock may be ahead of ours by this much
MOST_SECONDS = 2**53
LONGEST_SUBJECT = 255
E_MAIL = "email"
GOOGLE = ("https://accounts.google.com", "accounts.google.com")
_OF_ANYBODY = ("gmail.com", "googlemail.com")  # Google itself gives these addresses out
_BETWEEN_NAMES = re.compile(r"[\s,]+")

Claims = Mapping[str, Any]


def check_times(claims: Claims, now: float) -> float:
    """The token's end, in seconds since 1970. Raises UnauthenticatedError after it, and before its begin."""
    ends = _seconds(claims, "exp")
    if ends is None:
        raise refused("The token has no end (exp).")
    if ends + LEEWAY_SECONDS <= now:
        raise refused("The token has expired. Get a new one.")
    for name in ("nbf", "iat"):
        begins = _seconds(claims, name)
        if begins is not None and begins > now + AHEAD_SECONDS:
            raise refused(f"The token is not yet valid ({name}). Look at the clocks.")
    return ends


def _seconds(claims: Claims, name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    # Written so that what is no number, infinite, or an integer too large for a float is refused, too.
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < MOST_SECONDS:
        raise refused(f"The token's {name} is no number of seconds.")
    return float(value)


def check_audience(claims: Claims, wanted: Collection[str]) -> None:
    """Raises UnauthenticatedError unless one of the token's audiences is one of ours.

    Whom the token was issued to (`azp`, `appid`, `cid`) is another question, and no audience.
    """
    named = claims.get("aud")
    audiences = [named] if isinstance(named, str) else named
    if not isinstance(audiences, list) or not any(isinstance(each, str) for each in audiences):
        raise refused(f"The token has no audience (aud); here it is {' or '.join(wanted)}.")
    if not any(each in wanted for each in audiences if isinstance(each, str)):
        raise refused(f"The token is for another audience (aud); here it is {' or '.join(wanted)}.")


def subject_of(claims: Claims, name: str) -> str:
    """Who it is, by this claim. Raises UnauthenticatedError for nobody, or what can't be kept or shown."""
    subject = claims.get(name)
    if not isinstance(subject, str) or not subject.strip():
        raise refused(f"The token does not say who it is of: its {name} is empty or no text.")
    if len(subject) > LONGEST_SUBJECT or not subject.isprintable():
        raise refused(
            f"The token's {name} is longer than {LONGEST_SUBJECT} characters, or not all of it is printable."
        )
    return subject


def credential_of(claims: Claims, kid: str) -> str:
    """What was shown: the token's own id (Entra ID calls it `uti`), else that of the key that signed it."""
    for name in ("jti", "uti"):
        value = claims.get(name)
        if isinstance(value, str) and 0 < len(value) <= LONGEST_SUBJECT and value.isprintable():
            return value
    return kid


def roles_of(
    claims: Claims, path: str, mapping: Mapping[str, Collection[Role]]
) -> tuple[frozenset[Role], str]:
    """The caller's roles, and in plain words why there are none.

    `path` leads to the names that the provider gives; `mapping` says what they are here. Without a
    mapping a name counts when it is one of our roles.
    """
    if path == E_MAIL:
        names, why = _address(claims)
    else:
        found = _at(claims, path)
        names = _names(found)
        why = "the claim names nobody known here" if names else _why_missing(claims, path, found)
    if mapping:
        roles = frozenset(role for name in names for role in mapping.get(name, ()))
    else:
        roles = frozenset(role for role in Role if role.value in names)
    return roles, "" if roles else why


def _at(claims: Any, path: str) -> Any:
    """The value at a path: the whole of it as a name first (`https://example.com/roles` is one), then parts
    with dots between, the longest first, since names of clients have dots, too."""
    if not isinstance(claims, Mapping):
        return None
    if path in claims:
        return claims[path]
    dot = path.rfind(".")
    while dot > 0:
        found = _at(claims.get(path[:dot]), path[dot + 1 :])
        if found is not None:
            return found
        dot = path.rfind(".", 0, dot)
    return None


def _names(found: Any) -> Collection[str]:
    if isinstance(found, str):
        return [name for name in _BETWEEN_NAMES.split(found) if name]
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else ()


def _address(claims: Claims) -> tuple[Collection[str], str]:
    """The person's address, if it is certain to be theirs. Never split: before its @ may stand anything."""
    address = claims.get(E_MAIL)
    if not isinstance(address, str) or not address.isascii():
        return (), "the token has no e-mail address"
    if claims.get("email_verified") is not True:
        return (), "the provider does not say that the e-mail address is verified (email_verified)"
    address = address.lower()
    domain = address.rpartition("@")[2]
    # An account at Google may have a stranger's domain in its address; only who has `hd` is of that domain.
    if claims.get("iss") in GOOGLE and domain not in (*_OF_ANYBODY, claims.get("hd")):
        return (), "the account is not of the domain in its e-mail address (hd)"
    return (address,), "the e-mail address is of nobody known here"


def _why_missing(claims: Claims, path: str, found: Any) -> str:
    left_out = claims.get("_claim_names")
    if isinstance(left_out, Mapping) and path in left_out:
        return "the provider left the claim out, since it would have been too long"
    return "the claim is missing" if found is None else "the claim is empty, or neither text nor a list of it"
