"""What HTTP takes in of the people on a deal."""

from typing import Any
from uuid import UUID

from pydantic import Field

from services.sales.selling.deals.schemas import DEAL, Why
from services.sales.selling.people.rules import Part
from shared.http.schemas import RequestBody, example

PERSON: dict[str, Any] = {"contact_id": DEAL["contact_ids"][0], "role": "champion"}


class OnDeal(RequestBody):
    """Somebody, and their part in the decision."""

    contact_id: UUID
    role: Part | None = None


class PeopleForm(RequestBody):
    """All of them: who is left out is taken off."""

    model_config = example(contacts=[PERSON], why="The CFO decides.")

    contacts: list[OnDeal] = Field(max_length=20)
    why: Why = None
