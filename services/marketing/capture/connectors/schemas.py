"""Presets of connections as HTTP shows them."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from shared.http.schemas import View

PRESET: dict[str, Any] = {
    "name": "tally",
    "kind": "generic",
    "title": "Tally",
    "about": "Answers by the questions' labels.",
    "verified": True,
    "secrets": ["signing_secret"],
    "settings": {
        "signature": {"header": "Tally-Signature", "encoding": "base64"},
        "external_id": "$.data.submissionId",
    },
}


class PresetView(View):
    """Settings ready to be named in a new connection: `{"kind": …, "settings": {"preset": name}}`."""

    model_config = ConfigDict(json_schema_extra={"examples": [PRESET]}, from_attributes=True)

    name: str
    kind: str
    title: str
    about: str
    verified: Annotated[bool, Field(description="Written after the tool's own documents; false: a guess.")]
    secrets: Annotated[list[str], Field(description="What a connection of it needs.")]
    settings: dict[str, Any]


class PresetsView(View):
    """All presets there are."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [PRESET]}]})

    items: list[PresetView]
