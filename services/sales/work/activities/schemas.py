"""What HTTP takes in and shows of activities."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from shared.events.envelope import Code
from shared.http.schemas import RequestBody, UtcTime, View, example

Kind = Literal["call", "email", "meeting", "demo", "follow_up"]
Due = Literal["overdue", "upcoming"]
Note = Annotated[str, StringConstraints(max_length=4000)]

ACTIVITY: dict[str, Any] = {
    "kind": "demo",
    "contact_id": "01937a5e-0002-7aaa-8bbb-000000000002",
    "due_at": "2026-11-25T14:00:00Z",
    "note": "Show the reporting part.",
}


class ActivityForm(RequestBody):
    """Something planned (`due_at`) or done (`done_at`). A note stays in sales; codes are what others see."""

    model_config = example(**ACTIVITY)

    kind: Kind
    contact_id: UUID | None = Field(default=None, description="Whom it was with: a contact of marketing.")
    due_at: UtcTime | None = None
    done_at: UtcTime | None = None
    outcome: Code | None = None
    note: Note | None = None

    @model_validator(mode="after")
    def is_planned_or_done(self) -> Self:
        if self.due_at is None and self.done_at is None:
            raise ValueError("Give due_at for a plan or done_at for what is done.")
        if self.outcome is not None and self.done_at is None:
            raise ValueError("Only what is done has an outcome: give done_at too.")
        return self


class ActivityChange(RequestBody):
    """Only what is given changes: mark it done with its outcome, or move it."""

    model_config = example(done_at="2026-11-25T15:00:00Z", outcome="interested")

    due_at: UtcTime | None = None
    done_at: UtcTime | None = None
    outcome: Code | None = None
    note: Note | None = None


class ActivityView(View):
    model_config = example(
        id="01937a5e-0006-7aaa-8bbb-000000000006",
        deal_id="01937a5e-0d5c-7c1e-9a55-3f0f5f1c2b10",
        **ACTIVITY,
        done_at=None,
        outcome=None,
        by="rep-ana",
        recorded_at="2026-11-20T09:30:00Z",
        revision=1,
    )

    id: UUID
    deal_id: UUID
    kind: Kind
    contact_id: UUID | None
    due_at: UtcTime | None
    done_at: UtcTime | None
    outcome: str | None
    note: str | None
    by: str
    recorded_at: UtcTime
    revision: int
