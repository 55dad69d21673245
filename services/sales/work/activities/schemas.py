"""What HTTP takes in and shows of activities."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, model_validator

from services.sales.schemas import Text
from services.sales.work.activities.rules import Direction, Kind, State
from shared.events.envelope import Code
from shared.http.schemas import RequestBody, UtcTime, View, example
from shared.time_zones import known_zone

# `submission` is what a person sent; it makes itself.
KindOfPeople = Literal[
    "call", "email", "message", "meeting", "demo", "presentation", "follow_up", "task", "note"
]
Due = Literal["overdue", "upcoming"]
Shown = Literal["overdue", "today", "this_week", "upcoming", "done", "cancelled"]
Note = Annotated[str, StringConstraints(max_length=4000)]
ExternalId = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[!-~]+$")]
Zone = Annotated[str, AfterValidator(known_zone)]

ACTIVITY: dict[str, Any] = {
    "kind": "demo",
    "title": "Demo of the reporting part",
    "contact_id": "01937a5e-0002-7aaa-8bbb-000000000002",
    "assignee_id": "01937a5e-0004-7aaa-8bbb-000000000004",
    "due_at": "2026-11-25T14:00:00Z",
    "reminder_at": "2026-11-25T13:45:00Z",
    "note": "Show the reporting part.",
}
DEAL_ID = "01937a5e-0d5c-7c1e-9a55-3f0f5f1c2b10"


class ActivityForm(RequestBody):
    """Something planned (`due_at`) or done (`done_at`). Title and note stay in sales; codes others see."""

    model_config = example(**ACTIVITY)

    kind: KindOfPeople
    title: Text | None = None
    contact_id: UUID | None = Field(default=None, description="Whom it was with: a contact of marketing.")
    assignee_id: UUID | None = Field(
        default=None, description="The rep who does it; left out: you, else the deal's owner."
    )
    direction: Direction | None = Field(
        default=None, description="Who began it; `outbound` when left out. Tasks and notes have none."
    )
    by_human: bool = Field(default=True, description="false: a program did it, which stops no clock.")
    due_at: UtcTime | None = None
    reminder_at: UtcTime | None = None
    done_at: UtcTime | None = None
    outcome: Code | None = Field(
        default=None, description="`connected` or `reached` says that there was a talk."
    )
    note: Note | None = None
    external_id: ExternalId | None = Field(
        default=None, description="What your system calls it: the same again is the same activity."
    )

    @model_validator(mode="after")
    def is_planned_or_done(self) -> Self:
        if self.due_at is None and self.done_at is None:
            raise ValueError("Give due_at for a plan or done_at for what is done.")
        if self.outcome is not None and self.done_at is None:
            raise ValueError("Only what is done has an outcome: give done_at too.")
        return self


class AnyActivityForm(ActivityForm):
    """The same, of a deal or of none: a first call to somebody, a task for oneself."""

    model_config = example(**ACTIVITY, deal_id=DEAL_ID)

    deal_id: UUID | None = None


class ActivityChange(RequestBody):
    """Only what is given changes: mark it done with its outcome, move it, or give it to somebody else."""

    model_config = example(done_at="2026-11-25T15:00:00Z", outcome="interested")

    kind: KindOfPeople | None = None
    title: Text | None = None
    contact_id: UUID | None = None
    assignee_id: UUID | None = None
    direction: Direction | None = None
    due_at: UtcTime | None = None
    reminder_at: UtcTime | None = None
    done_at: UtcTime | None = None
    outcome: Code | None = None
    note: Note | None = None

    @model_validator(mode="after")
    def keeps_what_it_needs(self) -> Self:
        for name in ("kind", "assignee_id"):
            if name in self.model_fields_set and getattr(self, name) is None:
                raise ValueError(f"{name} can be changed, not cleared.")
        return self


class CancelForm(RequestBody):
    """Why it won't be done, or did not happen after all."""

    model_config = example(reason="customer_asked")

    reason: Code


class ActivityFilter(BaseModel):
    """Which activities to list; each that is given narrows the list."""

    due: Due | None = Field(default=None, description="The same as the view of that name.")
    view: Shown | None = Field(
        default=None,
        description="overdue, today, this_week and upcoming: to be done, without those of closed deals.",
    )
    time_zone: Zone = Field(default="UTC", description="IANA name: whose today and week it is.")
    assignee_id: UUID | None = None
    deal_id: UUID | None = None
    contact_id: UUID | None = None
    kind: Kind | None = None

    @model_validator(mode="after")
    def asks_one_question(self) -> Self:
        if self.due is not None and self.view is not None:
            raise ValueError("Send view or due, not both.")
        return self

    @property
    def shown(self) -> Shown | None:
        return self.view or self.due


class ActivityView(View):
    """An activity, with the company and stage of its deal."""

    model_config = example(
        id="01937a5e-0006-7aaa-8bbb-000000000006",
        deal_id=DEAL_ID,
        company_name="Northwind GmbH",
        stage="discovery",
        **ACTIVITY,
        state="planned",
        direction="outbound",
        by_human=True,
        moves=0,
        done_at=None,
        outcome=None,
        cancelled_at=None,
        cancel_reason=None,
        external_id=None,
        submission_id=None,
        by="rep-ana",
        recorded_at="2026-11-20T09:30:00Z",
        revision=1,
    )

    id: UUID
    deal_id: UUID | None
    company_name: str | None
    stage: str | None
    kind: Kind
    title: str | None
    contact_id: UUID | None
    assignee_id: UUID | None
    state: State
    direction: Direction | None
    by_human: bool
    due_at: UtcTime | None
    moves: int = Field(description="How often it was put to another time.")
    reminder_at: UtcTime | None
    done_at: UtcTime | None
    outcome: str | None
    cancelled_at: UtcTime | None
    cancel_reason: str | None
    note: str | None
    external_id: str | None
    submission_id: UUID | None = Field(description="What the person sent: an enquiry on their card.")
    by: str
    recorded_at: UtcTime
    revision: int
