"""What HTTP takes in and shows of prospects."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from shared.http.schemas import RequestBody, UtcTime, View, example

Email = Annotated[str, Field(max_length=320)]
Phone = Annotated[
    str, Field(max_length=60, description="With its country's code, or national with `country`.")
]
Country = Annotated[str, Field(max_length=100, description="ISO code, or its name.")]
Text = Annotated[str, Field(max_length=200)]
Status = Literal["yours", "free", "held", "routed"]

PROSPECT: dict[str, Any] = {
    "status": "yours",
    "contact_id": "019ab1c2-7d40-7c4f-9a51-2f6e0b7d4c20",
    "name": "Ada Nowak",
    "company_id": "019ab1c2-7d40-7c4f-9a51-2f6e0b7d4c22",
    "company": "Muster GmbH",
    "held_by": None,
    "held_until": "2026-12-27T09:30:00Z",
}
SEARCHED = ("email", "phone", "external_id", "domain")


class ProspectSearch(RequestBody):
    """One exact thing to look for. `external_id` is what another system called the lead when it sent it."""

    model_config = example({"email": "ada.nowak@muster-gmbh.example"}, {"domain": "muster-gmbh.example"})

    email: Email | None = None
    phone: Phone | None = None
    country: Country | None = None
    external_id: Annotated[str, Field(min_length=1, max_length=300)] | None = None
    domain: Annotated[str, Field(max_length=300, description="A company's own domain.")] | None = None

    @model_validator(mode="after")
    def looks_for_one(self) -> Self:
        if sum(getattr(self, name) is not None for name in SEARCHED) != 1:
            raise ValueError(f"Send one of {', '.join(SEARCHED)}.")
        return self


class ProspectForm(RequestBody):
    """A person as their rep knows them; an address or a number is needed to know them again."""

    model_config = example(
        email="ada.nowak@muster-gmbh.example", given_name="Ada", family_name="Nowak", country="DE"
    )

    email: Email | None = None
    phone: Phone | None = None
    given_name: Text | None = None
    family_name: Text | None = None
    job_title: Text | None = None
    company_name: Text | None = None
    domain: Annotated[
        str | None, Field(max_length=300, description="The company's own, where the address does not say it.")
    ] = None
    country: Country | None = None
    language: Annotated[str, Field(max_length=35)] | None = None
    rep_id: UUID | None = Field(
        None, description="Whose prospect it is; left out: yours, as far as you are a rep."
    )

    @model_validator(mode="after")
    def can_be_known_again(self) -> Self:
        if self.email is None and self.phone is None:
            raise ValueError("Send an e-mail address or a phone number.")
        return self


class ProspectView(View):
    """A person found or made.

    `yours`: in your hands; `free`: known, and nobody is at it; `held`: in other hands, see `held_by`;
    `routed`: their lead is being offered to reps. Of the last two nothing else is shown.
    """

    model_config = example(PROSPECT)

    status: Status
    contact_id: UUID | None = None
    name: str | None = None
    company_id: UUID | None = None
    company: str | None = None
    held_by: str | None = Field(None, description="Name of the rep who has them in hand.")
    held_until: UtcTime | None = Field(None, description="Until when a prospect of yours is, without a deal.")


class ProspectCompany(View):
    """An organisation that is known by its domain."""

    model_config = example(id=PROSPECT["company_id"], domain="muster-gmbh.example", name="Muster GmbH")

    id: UUID
    domain: str
    name: str | None


class ProspectsView(View):
    """Whom the address, number or id leads to; and the company of the domain that was looked for."""

    model_config = example(items=[PROSPECT], company=None)

    items: list[ProspectView]
    company: ProspectCompany | None = None
