"""Connections as HTTP takes them in and shows them, and what forms have in common with them."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from services.marketing.capture.sources.rules import KINDS, OUR_FIELDS, secret_kinds
from services.marketing.people.contacts import normalize
from shared.http.schemas import OneOf, RequestBody, UtcTime, View


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
Country = Annotated[str, StringConstraints(max_length=60), AfterValidator(_country)]
Mapping = Annotated[dict[Question, str], Field(max_length=200), AfterValidator(_mapping)]
Mappings = Annotated[dict[Question, Mapping], Field(max_length=100)]
Secret = Annotated[str, StringConstraints(min_length=8, max_length=1000)]
KindName = Annotated[str, OneOf(KINDS)]
SecretKind = Annotated[str, OneOf(secret_kinds)]
Settings = Annotated[
    dict[str, Any], Field(max_length=50, description="What only this kind of connection has.")
]
Secrets = Annotated[dict[SecretKind, Secret], Field(description="Write-only. Never shown again.")]

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
    "webhook_url": "https://leads.example.com/v1/webhooks/google-ads/cn_5Q9mV1n8T0sXw2yZ4bC6dE7fG9hJ1kL3",
    "created_at": "2026-11-23T09:30:00Z",
    "version": 1,
}


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
        json_schema_extra={"examples": [{"add_secrets": {"google_key": "the-next-random-secret"}}]}
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
    webhook_url: str = ""
    created_at: UtcTime
    version: int


class NewConnectionView(ConnectionView):
    """A new connection."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**CONNECTION_SHOWN, "new_secrets": {}}]}, from_attributes=True
    )

    new_secrets: dict[str, str] = Field(
        {},
        description="Secrets that were made, by kind: to be entered at the platform. Shown this once.",
        examples=[{"google_key": "n3xT-0nly-AN-eXample-0f-0ne-m4de"}],
    )
