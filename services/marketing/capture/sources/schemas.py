"""Forms and connections as HTTP takes them in and shows them."""

import re
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from services.marketing.capture.sources.rules import KINDS, OUR_FIELDS, secret_kinds
from services.marketing.people.contacts import normalize
from shared.http.schemas import OneOf, RequestBody, UtcTime, View

_ORIGIN = re.compile(r"https?://[a-z0-9.\-\[\]:]+")
_URL = re.compile(r"https?://[!-~]+")


def _origin(text: str) -> str:
    text = text.lower()
    if not _ORIGIN.fullmatch(text):
        raise ValueError("An origin is scheme and host, such as https://www.example.com, without a path.")
    return text


def _url(text: str) -> str:
    if not _URL.fullmatch(text):
        raise ValueError("An address begins with https:// and has no spaces; encode other characters.")
    return text


def _country(text: str) -> str:
    found = normalize.country(text)
    if found is None:
        raise ValueError("A country is an ISO 3166-1 code, such as DE.")
    return found


def _mapping(given: dict[str, str]) -> dict[str, str]:
    unknown = sorted(set(given.values()) - OUR_FIELDS)
    if unknown:
        raise ValueError(f"Unknown target {unknown[0][:60]!r}; it is one of {', '.join(sorted(OUR_FIELDS))}.")
    return given


Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Question = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Origin = Annotated[str, StringConstraints(max_length=300), AfterValidator(_origin)]
Url = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_url)]
Country = Annotated[str, StringConstraints(max_length=60), AfterValidator(_country)]
Mapping = Annotated[dict[Question, str], Field(max_length=200), AfterValidator(_mapping)]
Mappings = Annotated[dict[Question, Mapping], Field(max_length=100)]
FieldName = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Secret = Annotated[str, StringConstraints(min_length=8, max_length=1000)]
KindName = Annotated[str, OneOf(KINDS)]
SecretKind = Annotated[str, OneOf(secret_kinds)]
Settings = Annotated[
    dict[str, Any], Field(max_length=50, description="What only this kind of connection has.")
]
Secrets = Annotated[dict[SecretKind, Secret], Field(description="Write-only. Never shown again.")]

FORM: dict[str, Any] = {
    "name": "Request a demo",
    "campaign_id": None,
    "origins": ["https://www.example.com"],
    "field_mapping": {"firma": "company_name"},
    "hand_raiser": True,
    "honeypot_field": "website_url",
    "redirect_url": "https://www.example.com/thanks",
    "language": "de",
    "country": "DE",
}
FORM_SHOWN: dict[str, Any] = {
    **FORM,
    "id": "019ab1c2-7d3e-7c4f-9a51-2f6e0b7d4c11",
    "key": "pk_5Q9mV1n8T0sXw2yZ4bC6dE7fG9hJ1kL3",
    "active": True,
    "snippet": '<form method="post" action="https://leads.example.com/v1/forms/pk_…/submissions">…</form>',
    "created_at": "2026-11-23T09:30:00Z",
    "version": 1,
}
CONNECTION: dict[str, Any] = {
    "kind": "google_ads",
    "name": "Google Ads, main account",
    "campaign_id": None,
    "field_mapping": {"*": {"how_many_seats": "company_size"}},
    "hand_raiser": False,
    "country": "DE",
    "settings": {},
    "secrets": {"google_key": "a-long-random-secret"},
}
CONNECTION_SHOWN: dict[str, Any] = {
    **{name: value for name, value in CONNECTION.items() if name != "secrets"},
    "id": "019ab1c2-7d3e-7c4f-9a51-2f6e0b7d4c12",
    "key": "cn_5Q9mV1n8T0sXw2yZ4bC6dE7fG9hJ1kL3",
    "active": True,
    "secrets": [
        {
            "id": "019ab1c2-7d3e-7c4f-9a51-2f6e0b7d4c13",
            "kind": "google_key",
            "created_at": "2026-11-23T09:30:00Z",
        }
    ],
    "health": "ok",
    "health_reason": None,
    "health_at": None,
    "last_delivery_at": "2026-11-23T09:41:00Z",
    "webhook_path": "/v1/webhooks/google-ads/cn_5Q9mV1n8T0sXw2yZ4bC6dE7fG9hJ1kL3",
    "created_at": "2026-11-23T09:30:00Z",
    "version": 1,
}


class NewForm(RequestBody):
    """A web form to be made."""

    model_config = ConfigDict(json_schema_extra={"examples": [FORM]})

    name: Name
    campaign_id: UUID | None = None
    origins: Annotated[
        list[Origin],
        Field(max_length=50, description="Pages that may post, by origin. Empty: pages of any origin."),
    ] = Field(default_factory=list)
    field_mapping: Mapping = Field(default_factory=dict)
    hand_raiser: Annotated[bool, Field(description='"Contact me": a submission qualifies at once.')] = False
    honeypot_field: FieldName | None = None
    redirect_url: Url | None = None
    language: Language | None = None
    country: Country | None = None


class FormChange(RequestBody):
    """What to change; fields left out stay as they are."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"hand_raiser": False}]})

    name: Name = ""
    campaign_id: UUID | None = None
    origins: Annotated[list[Origin], Field(max_length=50)] = Field(default_factory=list)
    field_mapping: Mapping = Field(default_factory=dict)
    hand_raiser: bool = False
    honeypot_field: FieldName | None = None
    redirect_url: Url | None = None
    language: Language | None = None
    country: Country | None = None
    active: bool = True


class FormView(View):
    """A form, with HTML to paste into a page."""

    model_config = ConfigDict(json_schema_extra={"examples": [FORM_SHOWN]}, from_attributes=True)

    id: UUID
    key: str
    name: str
    campaign_id: UUID | None
    origins: list[str]
    field_mapping: dict[str, str]
    hand_raiser: bool
    honeypot_field: str | None
    redirect_url: str | None
    language: str | None
    country: str | None
    active: bool
    snippet: str = ""
    created_at: UtcTime
    version: int


class NewConnection(RequestBody):
    """An ad platform's account to be connected."""

    model_config = ConfigDict(json_schema_extra={"examples": [CONNECTION]})

    kind: KindName
    name: Name
    campaign_id: UUID | None = None
    field_mapping: Mappings = Field(default_factory=dict)
    hand_raiser: bool = False
    country: Country | None = None
    settings: Settings = Field(default_factory=dict)
    secrets: Secrets = Field(default_factory=dict)


class ConnectionChange(RequestBody):
    """What to change; fields left out stay. Secrets live side by side, so that they can be rotated."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"add_secrets": {"google_key": "the-next-secret"}}]}
    )

    name: Name = ""
    campaign_id: UUID | None = None
    field_mapping: Mappings = Field(default_factory=dict)
    hand_raiser: bool = False
    country: Country | None = None
    settings: Settings = Field(default_factory=dict)
    active: bool = True
    add_secrets: Secrets = Field(default_factory=dict)
    remove_secrets: Annotated[list[UUID], Field(max_length=50)] = Field(default_factory=list)


class SecretView(View):
    """That there is a secret; never the secret."""

    id: UUID
    kind: str
    created_at: UtcTime


class ConnectionView(View):
    """A connection and how it does."""

    model_config = ConfigDict(json_schema_extra={"examples": [CONNECTION_SHOWN]}, from_attributes=True)

    id: UUID
    key: str
    kind: str
    name: str
    campaign_id: UUID | None
    field_mapping: dict[str, dict[str, str]]
    hand_raiser: bool
    country: str | None
    settings: dict[str, Any]
    active: bool
    secrets: list[SecretView]
    health: Literal["ok", "needs_attention"]
    health_reason: str | None
    health_at: UtcTime | None
    last_delivery_at: UtcTime | None
    webhook_path: str = ""
    created_at: UtcTime
    version: int
