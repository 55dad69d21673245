"""The organisation's sign-on, as the settings AUTH_… describe it; what makes no sense stops the start."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from shared.auth.access import Role
from shared.auth.claims import E_MAIL
from shared.auth.key_addresses import is_web
from shared.auth.tokens import ALGORITHMS
from shared.settings import CommonSettings, SettingsError

SERVICE_ISSUER = "leadloop:"
LONGEST_PATH = 200
# Claims that people write themselves, or that may belong to somebody else tomorrow (OIDC Core, section 5.1).
_OF_ONES_OWN = frozenset(
    ("name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "unique_name")
)
_MANY_TENANTS = re.compile(r"\{|://login\.microsoftonline\.com/(?:common|organizations|consumers)(?:/|$)")


@dataclass(frozen=True, slots=True)
class SignOn:
    """Who issues people's tokens, and how they are read. `issuer_to_ask` is None when `jwks_url` is set."""

    issuer: str
    audiences: tuple[str, ...]
    algorithms: tuple[str, ...]
    jwks_url: str
    issuer_to_ask: str | None
    subject_claim: str
    roles_claim: str
    roles: Mapping[str, frozenset[Role]]

    @property
    def names_keys(self) -> str:
        """The setting that says where the keys are."""
        return "AUTH_JWKS_URL" if self.jwks_url else "AUTH_ISSUER"

    @property
    def in_the_open(self) -> bool:
        """Whether the keys travel without TLS, so that whoever is in between could put in their own."""
        address = urlsplit(self.jwks_url or self.issuer)
        return address.scheme == "http" and address.hostname not in ("127.0.0.1", "localhost", "::1")

    @classmethod
    def of(cls, settings: CommonSettings) -> "SignOn":
        """Raises SettingsError, which names the setting and says what it should be."""
        settings.require("auth_issuer")
        issuer, jwks_url = settings.auth_issuer, settings.auth_jwks_url
        _check_issuer(issuer)
        if not jwks_url and not is_web(issuer):
            raise SettingsError(
                "Set AUTH_JWKS_URL; only an AUTH_ISSUER that is an http(s) address names its keys itself."
            )
        if jwks_url and not is_web(jwks_url) and urlsplit(jwks_url).scheme != "file":
            raise SettingsError("AUTH_JWKS_URL has to be an address that begins with https, http or file.")
        roles_claim = settings.auth_roles_claim
        roles = _mapping(settings.auth_role_mapping, roles_claim)
        _check_claims(settings.auth_subject_claim, roles_claim, has_mapping=bool(roles))
        return cls(
            issuer,
            _listed("AUTH_AUDIENCE", settings.auth_audience),
            _algorithms(settings.auth_algorithms),
            jwks_url,
            None if jwks_url else issuer,
            settings.auth_subject_claim,
            roles_claim,
            roles,
        )


def _check_issuer(issuer: str) -> None:
    if issuer.startswith(SERVICE_ISSUER):
        raise SettingsError(f"AUTH_ISSUER can't begin with {SERVICE_ISSUER}: services sign so.")
    if _MANY_TENANTS.search(issuer):
        raise SettingsError(
            "AUTH_ISSUER has to name one tenant by its id: the people of all others could sign on, too."
        )
    if is_web(issuer) and (not urlsplit(issuer).hostname or {"?", "#"} & set(issuer)):
        raise SettingsError("AUTH_ISSUER has to be an address without ? and #, as `iss` has it.")


def _check_claims(subject_claim: str, roles_claim: str, *, has_mapping: bool) -> None:
    if subject_claim in _OF_ONES_OWN | {E_MAIL}:
        raise SettingsError(
            "AUTH_SUBJECT_CLAIM has to be one that never changes hands: sub, or oid at Entra ID."
        )
    if roles_claim in _OF_ONES_OWN:
        raise SettingsError("AUTH_ROLES_CLAIM can't be one that people may write themselves.")
    if len(roles_claim) > LONGEST_PATH:
        raise SettingsError(f"AUTH_ROLES_CLAIM is longer than {LONGEST_PATH} characters.")
    if roles_claim == E_MAIL and not has_mapping:
        raise SettingsError(
            "AUTH_ROLES_CLAIM=email needs AUTH_ROLE_MAPPING: address by address, whose role is what."
        )


def _algorithms(text: str) -> tuple[str, ...]:
    names = _listed("AUTH_ALGORITHMS", text)
    if not set(names) <= set(ALGORITHMS):
        raise SettingsError(f"AUTH_ALGORITHMS has others than {', '.join(ALGORITHMS)}.")
    return names


def _listed(setting: str, text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not names:
        raise SettingsError(f"{setting} is empty.")
    return names


def _mapping(text: str, roles_claim: str) -> dict[str, frozenset[Role]]:
    """The provider's names, each with our roles. Addresses are compared without regard to capitals."""
    if not text.strip():
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise SettingsError(
            'AUTH_ROLE_MAPPING is no JSON; it looks like {"Field": "rep", "Heads": ["admin", "analyst"]}.'
        ) from None
    if not isinstance(found, dict):
        raise SettingsError(
            "AUTH_ROLE_MAPPING has to be a JSON object: the provider's name, and our role or roles."
        )
    mapping = {
        name.lower() if roles_claim == E_MAIL else name: _roles(name, named) for name, named in found.items()
    }
    if roles_claim == E_MAIL and not all("@" in name and name.isascii() for name in mapping):
        raise SettingsError(
            "AUTH_ROLE_MAPPING has to have e-mail addresses as names with AUTH_ROLES_CLAIM=email."
        )
    return mapping


def _roles(name: str, named: Any) -> frozenset[Role]:
    listed = named if isinstance(named, list) else [named]
    known = [role for role in Role if role.value in listed]
    if not listed or len(known) != len(listed):
        raise SettingsError(f"AUTH_ROLE_MAPPING gives {name!r} what is no role; roles are {', '.join(Role)}.")
    return frozenset(known)
