"""What HTTP takes in of touches."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from shared.events.envelope import Code
from shared.http.schemas import RequestBody, UtcTime, View, example

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
ClickIdText = Annotated[str, StringConstraints(min_length=1, max_length=500)]
ClickIdName = Literal[
    "gclid", "gbraid", "wbraid", "dclid", "msclkid", "fbclid", "li_fat_id", "ttclid", "twclid", "rdt_cid",
    "epik", "sccid", "oppref", "yclid", "gad_source", "gad_campaignid", "igshid",
]  # fmt: skip
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
    """A page view, an e-mail open, a visit of an event: of a contact, or of whoever has this address.

    With only a session or visitor id it waits, and becomes the person's when a form names that session.
    """

    model_config = example(TOUCH)

    contact_id: UUID | None = None
    email: Annotated[str, StringConstraints(max_length=320)] | None = None
    kind: Code = Field(description="page_view, email_open, event_visit, download, …")
    occurred_at: UtcTime | None = Field(default=None, description="In business time; now, when not given.")
    campaign_id: UUID | None = None
    channel: Code | None = Field(default=None, description="The campaign's, or the link's, when not given.")
    utm: dict[Literal["source", "medium", "campaign", "term", "content"], Link] = Field(default_factory=dict)
    click_ids: dict[ClickIdName, ClickIdText] = Field(default_factory=dict)
    referrer: Annotated[str, StringConstraints(max_length=2000)] | None = Field(
        default=None, description="The page before, as the browser says; host and path are kept."
    )
    landing_path: Annotated[str, StringConstraints(max_length=2000)] | None = None
    session_id: Text | None = Field(default=None, description="Touches of one session count as one visit.")
    visitor_id: Text | None = Field(default=None, description="The same browser over many sessions.")
    external_id: Text | None = Field(default=None, description="Yours: sending it again changes nothing.")

    @model_validator(mode="after")
    def _is_of_somebody(self) -> Self:
        if self.contact_id is not None and self.email is not None:
            raise ValueError("Say whose touch it is once: contact_id or email, one of the two.")
        if not (self.contact_id or self.email or self.session_id or self.visitor_id):
            raise ValueError("Say whose touch it is: contact_id or email, else session_id or visitor_id.")
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


class UnmatchedView(View):
    """A name that links and leads carried and no campaign has: registered, it takes its touches."""

    model_config = example(
        {
            "kind": "utm",
            "value": "late-spring",
            "touches": 12,
            "first_seen": "2026-11-20T09:30:00Z",
            "last_seen": "2026-11-23T10:00:00Z",
        }
    )

    kind: str
    value: str
    touches: int
    first_seen: UtcTime
    last_seen: UtcTime
