"""How a form does, as HTTP shows it."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict

from shared.http.schemas import UtcTime, View

StateName = Literal["ok", "silent", "rejecting"]
COUNTS = {"created": 41, "merged": 7, "rejected": 2, "quarantined": 1, "pending": 0}
DOES: dict[str, Any] = {
    "state": "ok",
    "state_reason": None,
    "state_since": None,
    "last_submission_at": "2026-11-25T09:41:00Z",
    "last_test_at": None,
    "last_30_days": COUNTS,
}
ACTIVITY: dict[str, Any] = {
    **DOES,
    "form_id": "019ab1c2-7d3e-7c4f-9a51-2f6e0b7d4c11",
    "days": [{"day": "2026-11-25", **COUNTS}],
    "refused_origins": [
        {
            "origin": "https://example.com",
            "count": 3,
            "last_at": "2026-11-25T08:12:00Z",
            "hint": "The form has https://www.example.com; add this one, too.",
        }
    ],
    "posts_read": 53,
    "fields": [
        {"name": "email", "understood_as": "email", "count": 53, "last_at": "2026-11-25T09:41:00Z"},
        {"name": "q7_team", "understood_as": None, "count": 51, "last_at": "2026-11-25T09:41:00Z"},
    ],
    "fields_not_understood": ["q7_team"],
}


class FormCounts(View):
    """What came of a form's submissions in the last 30 days."""

    created: int = 0
    merged: int = 0
    rejected: int = 0
    quarantined: int = 0
    pending: int = 0


class RefusedOrigin(View):
    """Pages whose posts were set aside in the last 30 days, as their origin is not one of the form's."""

    origin: str
    count: int
    last_at: UtcTime
    hint: str | None = None


class FormField(View):
    """A field of the form's latest posts. `understood_as` is null when it was kept as an answer only."""

    name: str
    understood_as: str | None
    count: int
    last_at: UtcTime


class FormDay(FormCounts):
    """The submissions of one day, by UTC."""

    day: date


class FormActivity(View):
    """How a form does, in detail. `posts_read` are the latest posts whose fields were looked at."""

    model_config = ConfigDict(json_schema_extra={"examples": [ACTIVITY]})

    form_id: UUID
    state: StateName
    state_reason: str | None
    state_since: UtcTime | None
    last_submission_at: UtcTime | None
    last_test_at: UtcTime | None
    last_30_days: FormCounts
    days: list[FormDay]
    refused_origins: list[RefusedOrigin]
    posts_read: int
    fields: list[FormField]
    fields_not_understood: list[str]
