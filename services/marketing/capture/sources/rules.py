"""What doors and adapters know about a form or a connection. Pure."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from services.marketing.acquisition.channels.rules import CLICK_IDS

ANY_FORM = "*"
ANY_HOST = "*."
USUAL_PORTS = {"http": 80, "https": 443}
LOCAL_HOSTS = frozenset(["localhost", "127.0.0.1", "::1"])
# Where the hosted pages of forms are: programs say it when they start, by PUBLIC_URL.
OUR_ORIGINS: set[str] = set()
_NO_HOST = re.compile(r"[/:@?#*]")
# Characters of a secret that we choose, and that is all a sender shows: 120 bits, as urlsafe base64.
SHORTEST_OF_OURS = 20
# What a question of a form can be mapped to: our fields, or nothing at all.
IGNORE = "ignore"
OUR_FIELDS = frozenset(
    [
        "email",
        "phone",
        "full_name",
        "given_name",
        "family_name",
        "company_name",
        "company_domain",
        "company_size",
        "industry",
        "job_title",
        "country",
        "region",
        "language",
        "time_zone",
        "session_id",
        "landing_url",
        "utm_source",
        "utm_medium",
        "utm_campaign",
        "utm_term",
        "utm_content",
        "gclid",
        "gbraid",
        "wbraid",
        "fbclid",
        "li_fat_id",
        "ttclid",
        "msclkid",
        "referrer",
        "visitor_id",
        "page",
        "url",
        "utm_id",
        "hsa_cam",
        "hsa_net",
        "hsa_src",
        *(one.name for one in CLICK_IDS),
    ]
) | {IGNORE}


# What a snippet can ask for, by its `name` attributes, and what it asks for unless told otherwise.
FORM_FIELDS = (
    *("name", "given_name", "family_name", "email", "phone", "company", "job_title"),
    *("company_size", "country", "message"),
)
USUAL_FIELDS = ("name", "email", "phone", "company", "message")
# The texts of a form beside the labels of its fields.
FORM_TEXTS = (*FORM_FIELDS, "send", "sending", "thanks", "error", "invalid_email", "invalid_phone", "trap")


class SettingError(ValueError):
    """A setting of a connection that can't be. `pointer` says which, inside of `settings`."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(detail)
        self.pointer = pointer
        self.detail = detail


def no_settings(settings: Mapping[str, Any]) -> None:
    for name in settings:
        raise SettingError(f"/{name}", "Connections of this kind have no settings of their own.")


def as_given(settings: Mapping[str, Any]) -> dict[str, Any]:
    return dict(settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """Settings for one tool, ready to be named. `verified`: the format is documented by the tool."""

    title: str
    about: str
    settings: Mapping[str, Any]
    verified: bool = True


@dataclass(frozen=True, slots=True)
class ConnectionKind:
    """What connections of one kind have: secrets, some of which (`ours`) we choose, and settings."""

    name: str
    secrets: tuple[str, ...]
    ours: frozenset[str] = frozenset()
    # Raises SettingError for settings that can't be.
    check_settings: Callable[[Mapping[str, Any]], object] = no_settings
    # Settings as they are stored: a preset that is named is written out. Raises SettingError.
    expand: Callable[[Mapping[str, Any]], dict[str, Any]] = as_given
    presets: Mapping[str, Preset] = field(default_factory=dict)

    def lacks_secrets(self, given: Collection[str]) -> bool:
        """Whether a connection with secrets of these kinds only would refuse whatever comes."""
        return not set(self.secrets) <= set(given)


# By name, in order. The registry of connectors, which stands above, fills it.
KINDS: dict[str, ConnectionKind] = {}


def secret_kinds() -> dict[str, None]:
    """Every kind of secret there is, in order."""
    return dict.fromkeys(name for kind in KINDS.values() for name in kind.secrets)


@dataclass(frozen=True, slots=True)
class FormSettings:
    """A form as the door and the adapter see it."""

    id: UUID
    key: str
    campaign_id: UUID | None = None
    origins: frozenset[str] = frozenset()
    mapping: Mapping[str, str] = field(default_factory=dict)
    hand_raiser: bool = False
    honeypot_field: str | None = None
    redirect_url: str | None = None
    language: str | None = None
    country: str | None = None
    error_url: str | None = None
    # What its posts are held against; see `rates`.
    busiest_hour: int = 0
    hour_began: datetime | None = None
    hour_count: int = 0
    # The service that its posts have to pass.
    challenge: str | None = None


class FormState(NamedTuple):
    """How a form does: `ok`, `silent` or `rejecting`, why and since when."""

    id: UUID
    state: str
    state_reason: str | None
    state_since: datetime | None


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """A connection as the door and the adapter see it. Secrets are here only as far as they are needed."""

    id: UUID
    key: str
    kind: str
    campaign_id: UUID | None = None
    mappings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    hand_raiser: bool = False
    country: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    digests: Mapping[str, Sequence[bytes]] = field(default_factory=dict)
    sealed: Mapping[str, Sequence[bytes]] = field(default_factory=dict)

    def mapping(self, form_id: str | None) -> Mapping[str, str]:
        """The platform's questions -> our fields, for one of its forms."""
        return {**self.mappings.get(ANY_FORM, {}), **self.mappings.get(form_id or "", {})}


def may_post(form: FormSettings, origin: str | None) -> bool:
    """Whether a page of this origin may use the form.

    Without `Origin` it is no browser's page at all; `null` is what browsers say for pages that tell nobody
    where they are (`Referrer-Policy: no-referrer`, frames in a sandbox): none told, either.
    """
    if origin is None or not form.origins:
        return True
    told = origin.strip().lower().rstrip("/")
    return told in ("", "null") or told in OUR_ORIGINS or fits_any(told, form.origins)


def fits_any(origin: str, allowed: Collection[str]) -> bool:
    """Whether an origin is one of these; `https://*.example.com` is every host below example.com, not it."""
    if origin in allowed:
        return True
    for pattern in allowed:
        scheme, star, rest = pattern.partition(ANY_HOST)
        if star and origin.startswith(scheme) and origin.endswith("." + rest):
            below = origin[len(scheme) : -len(rest) - 1]
            if below and not _NO_HOST.search(below):
                return True
    return False


def origin_of(address: str) -> str:
    """`https://www.example.com` of an address below it; a usual port is left out, as browsers do."""
    parts = urlsplit(address.lower())
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    usual = USUAL_PORTS.get(parts.scheme)
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port not in (None, usual) else "")


def is_local(origin: str) -> bool:
    """A page on somebody's own machine: the only one that may do without https."""
    host = urlsplit(origin).hostname or ""
    return host in LOCAL_HOSTS or host.endswith(".localhost")


def refuse_address(address: str, origins: Collection[str]) -> str | None:
    """Why people can't be sent to this address after a form; None when they can."""
    origin = origin_of(address)
    if not origin.startswith("https://") and not is_local(origin):
        return "Send people to an https:// address; http:// is for localhost only."
    if origins and not fits_any(origin, origins):
        return f"The form's origins do not have {origin}; send people to one of theirs, or add it to them."
    return None


def nearly(origin: str, allowed: Collection[str]) -> str | None:
    """The allowed origin that this one only just misses: by `www.`, by the scheme or by the port."""
    for one in sorted(allowed):
        if _bare(one) == _bare(origin):
            return one
    return None


def _bare(origin: str) -> str:
    try:
        host = urlsplit(origin).hostname or ""
    except ValueError:  # whatever somebody's program sends as its origin
        host = origin
    return host.removeprefix(ANY_HOST).removeprefix("www.")
