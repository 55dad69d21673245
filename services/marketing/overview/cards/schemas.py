"""What another service asks about people, and what it may show."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from services.marketing.people.contacts.schemas import CONTACT, Unverified
from shared.auth.access import Role
from shared.http.schemas import RequestBody, View

MOST_CARDS = 200
ASKED: dict[str, Any] = {
    "contact_ids": [CONTACT["id"]],
    "asked_by": "rep-7",
    "roles": ["rep"],
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


class CardsView(View):
    """One card per id asked for, in that order."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [CARD]}]})

    items: list[CardView]
