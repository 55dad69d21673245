"""What HTTP takes in of touches."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from shared.events.envelope import Code
from shared.http.schemas import RequestBody, UtcTime, View, example

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Link = Annotated[str, StringConstraints(max_length=200)]
TOUCH = {
    "email": "ana@example.com",
    "kind": "email_open",
    "occurred_at": "2026-11-20T09:30:00Z",
    "utm": {"source": "newsletter", "medium": "email", "campaign": "spring-launch"},
    "session_id": "s-8f1c",
    "external_id": "mailer-77120",
}


class TouchForm(RequestBody):
    """A page view, an e-mail open, a visit of an event: of a contact, or of whoever has this address."""

    model_config = example(TOUCH)

    contact_id: UUID | None = None
    email: Annotated[str, StringConstraints(max_length=320)] | None = None
    kind: Code = Field(description="page_view, email_open, event_visit, download, …")
    occurred_at: UtcTime | None = Field(default=None, description="In business time; now, when not given.")
    campaign_id: UUID | None = None
    channel: Code | None = Field(default=None, description="The campaign's, or the link's, when not given.")
    utm: dict[Literal["source", "medium", "campaign", "term", "content"], Link] = Field(default_factory=dict)
    click_ids: dict[Literal["gclid", "gbraid", "wbraid", "fbclid", "li_fat_id", "ttclid"], Text] = Field(
        default_factory=dict
    )
    landing_path: Annotated[str, StringConstraints(max_length=2000)] | None = None
    session_id: Text | None = Field(default=None, description="Touches of one session count as one visit.")
    external_id: Text | None = Field(default=None, description="Yours: sending it again changes nothing.")

    @model_validator(mode="after")
    def _is_of_somebody(self) -> Self:
        if (self.contact_id is None) == (self.email is None):
            raise ValueError("Say whose touch it is: contact_id or email, one of the two.")
        return self


class TouchBatch(RequestBody):
    """Up to 500 touches, recorded together or not at all."""

    model_config = example({"touches": [TOUCH]})

    touches: list[TouchForm] = Field(min_length=1, max_length=500)


class TouchesRecorded(View):
    """How many are new. The others were known by their external id."""

    model_config = example({"recorded": 1, "known": 0})

    recorded: int
    known: int
