"""What doors and adapters know about a form or a connection. Pure."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any
from uuid import UUID

from services.marketing.acquisition.channels.rules import CLICK_IDS

ANY_FORM = "*"
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
    """What connections of one kind have: secrets, of which some are only ever compared, and settings."""

    name: str
    secrets: tuple[str, ...]
    compared: frozenset[str] = frozenset()
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

    Without `Origin` it is no browser's page at all. `null` is said by pages that tell nobody where they are
    (`Referrer-Policy: no-referrer`), so it is none told either.
    """
    return origin in (None, "null") or not form.origins or origin.lower() in form.origins


def snippet(key: str, honeypot_field: str | None, address: str) -> str:
    """HTML to paste into a page: works without a script, and hides the honeypot from people."""
    trap = ""
    if honeypot_field:
        name = escape(honeypot_field)
        trap = (
            '  <div style="position:absolute;left:-9999px" aria-hidden="true">'
            f'<input name="{name}" tabindex="-1" autocomplete="off"></div>\n'
        )
    action = escape(f"{address.rstrip('/')}/v1/forms/{key}/submissions")
    return (
        f'<form method="post" action="{action}">\n'
        '  <label>Name <input name="name" autocomplete="name"></label>\n'
        '  <label>E-mail <input name="email" type="email" autocomplete="email" required></label>\n'
        '  <label>Company <input name="company" autocomplete="organization"></label>\n'
        '  <label>Message <textarea name="message"></textarea></label>\n'
        f"{trap}"
        "  <button>Send</button>\n"
        "</form>\n"
    )
