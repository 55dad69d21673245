"""Corrections as they are sent, and the history of what was corrected."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from services.marketing.people.contacts.normalize import MOST_EMPLOYEES
from shared.http.schemas import RequestBody, UtcTime, View, example

HISTORY: dict[str, Any] = {
    "id": "019ab1c2-7d40-7c4f-9a51-2f6e0b7d4c31",
    "kind": "corrected",
    "field": "phone",
    "before": "+4930123456",
    "after": "+4930901820",
    "by": "mia@example.com",
    "at": "2026-11-26T09:30:00.180Z",
}
Text = Annotated[str, Field(max_length=200)]


class Correction(RequestBody):
    """Only the fields that are sent change; null clears one."""

    @property
    def given(self) -> dict[str, Any]:
        """What was sent, by field."""
        return {name: getattr(self, name) for name in self.model_fields_set}

    @model_validator(mode="after")
    def _corrects_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("Send the fields to correct.")
        return self


class ContactCorrection(Correction):
    """What is right of a person. Sources don't overwrite it: names, address and number for good, the other
    fields for twelve months.
    """

    model_config = example({"phone": "030 901820", "country": "DE", "job_title": None})

    email: Annotated[str | None, Field(max_length=320, description="null: it is not theirs.")] = None
    phone: Annotated[
        str | None,
        Field(max_length=60, description="With its country's code, or national with the contact's country."),
    ] = None
    given_name: Text | None = None
    family_name: Text | None = None
    job_title: Text | None = None
    company_name: Annotated[Text | None, Field(description="What they themselves call it.")] = None
    country: Annotated[str | None, Field(max_length=100, description="ISO code, or its name.")] = None
    region: Annotated[str | None, Field(max_length=100)] = None
    language: Annotated[str | None, Field(max_length=35)] = None
    time_zone: Annotated[str | None, Field(max_length=80)] = None


class CompanyCorrection(Correction):
    """What is right of an organisation. Its name and domain hold for good, the rest for twelve months."""

    model_config = example({"name": "Muster GmbH & Co. KG", "size": 250})

    domain: Annotated[
        str | None,
        Field(max_length=300, description="Its new one; whoever comes with the old one is of it still."),
    ] = None
    name: Text | None = None
    size: Annotated[int | None, Field(ge=1, le=MOST_EMPLOYEES, strict=True, description="Employees.")] = None
    industry: Annotated[str | None, Field(max_length=200)] = None
    country: Annotated[str | None, Field(max_length=100, description="ISO code, or its name.")] = None


class HistoryView(View):
    """One field, corrected by a person; or `offered` by a known source afterwards, and not taken."""

    model_config = ConfigDict(json_schema_extra={"examples": [HISTORY]}, from_attributes=True)

    id: UUID
    kind: Literal["corrected", "offered"]
    field: str
    before: Annotated[str | None, Field(description="As text; of an offer, what held.")]
    after: str | None
    by: Annotated[str | None, Field(description="Subject of who corrected it; null for an offer.")]
    at: UtcTime
