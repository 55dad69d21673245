"""A person's timeline as HTTP shows it."""

from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict

from shared.http.schemas import UtcTime, View

EXAMPLE: dict[str, Any] = {
    "contact_id": "019ab1c2-7d40-7c4f-9a51-2f6e0b7d4c20",
    "items": [
        {
            "at": "2026-11-23T09:30:00.180Z",
            "kind": "stage",
            "what": "mql",
            "reason": None,
            "source": None,
            "channel": None,
            "campaign_id": None,
            "id": "019ab1c2-7d40-7c4f-9a51-2f6e0b7d4c21",
            "cycle": 1,
        },
        {
            "at": "2026-11-23T09:30:00.125Z",
            "kind": "touch",
            "what": "submission",
            "reason": None,
            "source": "web_form",
            "channel": "paid_search",
            "campaign_id": "019ab1c2-0000-7000-8000-00000000c0de",
            "id": "019ab1c2-7d40-7c4f-9a51-2f6e0b7d4c23",
            "cycle": None,
        },
    ],
}


class TimelineItem(View):
    """A submission (`what`: its state), a touch (its kind) or a lifecycle stage of the lead."""

    at: UtcTime
    kind: Literal["submission", "touch", "stage"]
    what: str
    reason: str | None
    source: str | None
    channel: str | None
    campaign_id: UUID | None
    id: UUID
    cycle: int | None


class TimelineView(View):
    """What happened, at most the latest 200."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    contact_id: UUID
    items: list[TimelineItem]
