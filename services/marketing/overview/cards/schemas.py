"""What another service asks about people, and what it may show."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from services.marketing.people.contacts.schemas import CONTACT, Unverified
from shared.auth.access import Role
from shared.clients.backgrounds import Background
from shared.http.schemas import RequestBody, View

MOST_CARDS = 200
MOST_BACKGROUNDS = 20
ASKED: dict[str, Any] = {
    "contact_ids": [CONTACT["id"]],
    "asked_by": "rep-7",
    "roles": ["rep"],
    "background": True,
    "held": [
        {
            "contact_id": CONTACT["id"],
            "lead_id": "019ab1c2-7d40-7c4f-9a51-2f6e0b7d4c21",
            "cycle": 1,
            "version": 2,
            "state": "accepted",
        }
    ],
}
CARD: dict[str, Any] = {
    "contact_id": CONTACT["id"],
    "status": "available",
    "name": "Ada Nowak",
    "job_title": "Head of Operations",
    "email": CONTACT["email"],
    "phone": CONTACT["phone"],
    "country": "DE",
    "company": "Muster GmbH",
    "company_otherwise": "Muster Holding",
    "wrote": {"message": "We need it in March."},
    "unverified": ["phone", "company_otherwise"],
    "background": {
        "enquiries": [
            {
                "submission_id": "019ab1c2-7d40-7c4f-9a51-2f6e0b7d4c22",
                "received_at": "2026-11-23T09:30:00Z",
                "source": "web_form",
                "form": "Contact us",
                "campaign_id": "019ab1c2-0000-7000-8000-00000000c0de",
                "campaign": "Spring fair",
                "page": "www.example.com/pricing",
                "hand_raiser": True,
                "wrote": {"message": "We need it in March."},
            }
        ],
        "score": {
            "total": 60,
            "fit": 40,
            "engagement": 20,
            "model": 2,
            "reasons": [{"code": "company_large", "points": 40}],
        },
        "touches": [],
        "touches_in_all": 1,
        "deals": [],
    },
}


class HeldLead(RequestBody):
    """A lead that the asking person holds by handoff's rows as they are now.

    It counts while marketing has not heard of handoff's version of it yet.
    """

    contact_id: UUID
    lead_id: UUID
    cycle: Annotated[int, Field(ge=1, le=32767, strict=True)]
    version: Annotated[int, Field(ge=1, le=2**53, strict=True)]
    state: Literal["offered", "accepted"]


class CardsForm(RequestBody):
    """Whose cards are wanted, and who wants to see them, with the roles they signed in with."""

    model_config = ConfigDict(json_schema_extra={"examples": [ASKED]})

    contact_ids: Annotated[list[UUID], Field(max_length=MOST_CARDS)]
    asked_by: Annotated[
        str, Field(min_length=1, max_length=200, description="Subject of who asks, or an API key's id.")
    ]
    kind: Annotated[
        Literal["person", "server"], Field(description="A server sees what its key's scope opens there.")
    ] = "person"
    roles: Annotated[list[Role], Field(max_length=len(Role))] = Field(default_factory=list)
    held: Annotated[
        list[HeldLead], Field(max_length=MOST_CARDS, description="Handoff says it, and nobody else.")
    ] = Field(default_factory=list)
    background: bool = Field(
        default=False, description=f"Also what came before, for {MOST_BACKGROUNDS} people at most."
    )

    @model_validator(mode="after")
    def is_for_a_page(self) -> Self:
        if self.background and len(self.contact_ids) > MOST_BACKGROUNDS:
            raise ValueError(f"What came before is told of {MOST_BACKGROUNDS} people at most.")
        return self


class CardView(View):
    """How to reach a person.

    `offered`: their lead is offered to who asks, so the card has no way to reach them yet; `withheld`: they
    are in other hands; `erased`: there is nobody of this id (any more).
    """

    model_config = ConfigDict(json_schema_extra={"examples": [CARD]})

    contact_id: UUID
    status: Literal["available", "offered", "withheld", "erased"] = "available"
    name: str | None = None
    job_title: str | None = None
    email: str | None = None
    phone: str | None = None
    country: str | None = None
    company: str | None = None
    company_otherwise: str | None = Field(
        None, description="What they themselves, or others of their domain, call the company instead."
    )
    wrote: dict[str, str] = Field(
        default_factory=dict, description="What they wrote last, by the form's field: message and answers."
    )
    unverified: Unverified = Field(default_factory=list)
    background: Background | None = Field(
        None, description="What came before, where it was asked for and the person is shown."
    )


class CardsView(View):
    """One card per id asked for, in that order."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [CARD]}]})

    items: list[CardView]
