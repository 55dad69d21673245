"""Whether people may be put on a deal, as sales asks it."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field

from services.marketing.people.contacts.schemas import CONTACT
from shared.auth.access import Role
from shared.http.schemas import RequestBody, View

MOST = 50
ASKED: dict[str, Any] = {
    "contact_ids": [CONTACT["id"]],
    "asked_by": "rep-7",
    "roles": ["rep"],
    "rep_id": None,
    "company_id": None,
}


class HoldsForm(RequestBody):
    """Whom somebody wants to put on a deal, and of which rep and company the deal is to be."""

    model_config = ConfigDict(json_schema_extra={"examples": [ASKED]})

    contact_ids: Annotated[list[UUID], Field(max_length=MOST)]
    asked_by: Annotated[str, Field(min_length=1, max_length=200, description="Subject of the person asking.")]
    roles: Annotated[list[Role], Field(max_length=len(Role))] = Field(default_factory=list)
    rep_id: Annotated[UUID | None, Field(description="The deal's rep; null: who asks.")] = None
    company_id: Annotated[UUID | None, Field(description="The deal's company.")] = None


class HoldsView(View):
    """Those of them who may be put on it. Of the others nobody learns whether they exist."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"contact_ids": [CONTACT["id"]]}]})

    contact_ids: list[UUID]
