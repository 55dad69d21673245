"""People and companies as HTTP shows them, and cards for the other services."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from services.marketing.people.contacts import rules
from services.marketing.people.contacts.corrections import held
from shared import clock
from shared.http.schemas import UtcTime, View

CONTACT: dict[str, Any] = {
    "id": "019ab1c2-7d40-7c4f-9a51-2f6e0b7d4c20",
    "email": "ada.nowak@muster-gmbh.example",
    "phone": "+4930123456",
    "given_name": "Ada",
    "family_name": "Nowak",
    "job_title": "Head of operations",
    "company_id": "019ab1c2-7d40-7c4f-9a51-2f6e0b7d4c22",
    "company_name": "Muster GmbH",
    "country": "DE",
    "region": "Berlin",
    "language": "de",
    "time_zone": "Europe/Berlin",
    "verified": ["email"],
    "corrected": [],
    "unverified": ["phone", "job_title"],
    "created_at": "2026-11-23T09:30:00.180Z",
    "updated_at": "2026-11-23T09:30:00.180Z",
    "version": 1,
}
CONSENT: dict[str, Any] = {
    "purpose": "marketing_email",
    "state": "granted",
    "source": "web_form",
    "source_id": "019ab1c2-0000-7c4f-9a51-2f6e0b7d4c00",
    "submission_id": "019ab1c2-7d3e-7c4f-9a51-2f6e0b7d4c11",
    "text_version": "2026-04",
    "at": "2026-11-23T09:30:00.125Z",
}
COMPANY: dict[str, Any] = {
    "id": "019ab1c2-7d40-7c4f-9a51-2f6e0b7d4c22",
    "domain": "muster-gmbh.example",
    "name": "Muster GmbH",
    "size": 51,
    "industry": "manufacturing",
    "country": "DE",
    "corrected": ["name"],
    "unverified": ["size"],
    "created_at": "2026-11-23T09:30:00.180Z",
    "updated_at": "2026-11-23T09:30:00.180Z",
    "version": 2,
}
KEY: dict[str, Any] = {"value": CONTACT["email"], "unverified": False, "shared": False}
Unverified = Annotated[
    list[str],
    Field(description="The fields that only an anonymous source stands for, such as a web form."),
]

Corrected = Annotated[
    list[str],
    Field(description="The fields that a person corrected here, and that hold against every source."),
]


class ContactView(View):
    """A person. `verified` names the fields somebody vouched for; `company_name` is what they say."""

    model_config = ConfigDict(json_schema_extra={"examples": [CONTACT]}, from_attributes=True)

    id: UUID
    email: str | None
    phone: str | None
    given_name: str | None
    family_name: str | None
    job_title: str | None
    company_id: UUID | None
    company_name: str | None
    country: str | None
    region: str | None
    language: str | None
    time_zone: str | None
    verified: list[str]
    corrected: Corrected
    unverified: Unverified
    created_at: UtcTime
    updated_at: UtcTime
    version: int

    @classmethod
    def of(cls, row: Any) -> Self:
        return cls.model_validate(shown(row, (*rules.FIELDS, "company_id"), row.verified))


def shown(row: Any, names: Sequence[str], verified: Sequence[str] = ()) -> dict[str, Any]:
    """A row's columns, which of these hold as corrected, and which only an anonymous source stands for."""
    values = {name: value for name, value in vars(row).items() if not name.startswith("_")}
    corrected = held(row.corrected, clock.now())
    better = {*row.authenticated, *verified, *corrected}
    return {
        **values,
        "corrected": sorted(corrected),
        "unverified": rules.unverified(values, names, better),
    }


class ConsentView(View):
    """The latest word of a person on one purpose. A purpose that is not here was never asked about."""

    model_config = ConfigDict(json_schema_extra={"examples": [CONSENT]}, from_attributes=True)

    purpose: str
    state: Literal["granted", "denied"]
    source: Annotated[str, Field(description="The door it was said at.")]
    source_id: UUID
    submission_id: UUID
    text_version: str | None
    at: UtcTime


class CompanyView(View):
    """An organisation, known by its domain. `size` is employees."""

    model_config = ConfigDict(json_schema_extra={"examples": [COMPANY]}, from_attributes=True)

    id: UUID
    domain: str
    name: str | None
    size: int | None
    industry: str | None
    country: str | None
    corrected: Corrected
    unverified: Unverified
    created_at: UtcTime
    updated_at: UtcTime
    version: int

    @classmethod
    def of(cls, row: Any) -> Self:
        return cls.model_validate(shown(row, rules.COMPANY_FIELDS))


class KeyView(View):
    """An address or number that leads to a person. `shared`: it leads to others as well."""

    model_config = ConfigDict(json_schema_extra={"examples": [KEY]}, from_attributes=True)

    value: str
    unverified: bool = Field(description="Only an anonymous source named it.")
    shared: bool


class ContactDetail(ContactView):
    """A person with every address and number of theirs, their organisation, and their consents."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [CONTACT | {"emails": [KEY], "phones": [], "company": COMPANY, "consents": [CONSENT]}]
        }
    )

    emails: list[KeyView]
    phones: list[KeyView]
    company: CompanyView | None
    consents: list[ConsentView]
