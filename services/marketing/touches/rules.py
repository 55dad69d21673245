"""A touch before it is stored, and the journey a deal's touches make."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTouch:
    """One meeting of a person with something of ours, `occurred_at` in business time."""

    id: UUID
    contact_id: UUID
    kind: str
    source: str
    channel: str
    occurred_at: datetime
    submission_id: UUID | None = None
    external_id: str | None = None
    campaign_id: UUID | None = None
    session_id: str | None = None
    landing_path: str | None = None
    utm: Mapping[str, str] = field(default_factory=dict)
    click_ids: Mapping[str, str] = field(default_factory=dict)
