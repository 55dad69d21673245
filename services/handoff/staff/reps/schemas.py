"""Teams and reps as HTTP takes them in and shows them."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.http.schemas import RequestBody, View, example

Name = Annotated[str, Field(min_length=1, max_length=120)]
Subject = Annotated[str, Field(min_length=1, max_length=200, description="`sub` of the person's tokens.")]
Seconds = Annotated[int, Field(ge=1, le=30 * 86400)]
Weight = Annotated[int, Field(ge=1, le=1000, description="Weight 2 means twice the leads of weight 1.")]
Capacity = Annotated[int, Field(ge=0, le=1_000_000, description="Leads open at a time, offered or accepted.")]

TEAM = {"name": "Enterprise", "manager_subject": "maria", "answer_seconds_hot": 3600}
REP = {"subject": "ana", "display_name": "Ana Lima", "team_id": "01997d3c-7a4e-7c11-8d3a-5b1f0e6a2c01"}
SHOWN_TEAM = {
    "id": REP["team_id"],
    **TEAM,
    "answer_seconds_warm": 86400,
    "version": 1,
}
SHOWN_REP = {
    "id": "01997d3c-7a4e-7c11-8d3a-5b1f0e6a2c02",
    **REP,
    "weight": 1,
    "capacity": 50,
    "active": True,
    "open_leads": 3,
    "version": 1,
}


class TeamForm(RequestBody):
    model_config = example(TEAM)

    name: Name
    manager_subject: Subject | None = None
    answer_seconds_hot: Seconds | None = Field(None, description="Time to answer a hot lead; see settings.")
    answer_seconds_warm: Seconds | None = Field(None, description="Time to answer any other lead.")


class TeamEdit(RequestBody):
    """Only the fields to change; `manager_subject` may be null."""

    model_config = example({"manager_subject": "maria"})

    name: Name = ""
    manager_subject: Subject | None = None
    answer_seconds_hot: Seconds = 0
    answer_seconds_warm: Seconds = 0


class TeamView(View):
    model_config = example(SHOWN_TEAM)

    id: UUID
    name: str
    manager_subject: str | None
    answer_seconds_hot: int
    answer_seconds_warm: int
    version: int


class RepForm(RequestBody):
    model_config = example(REP)

    subject: Subject
    display_name: Annotated[str, Field(min_length=1, max_length=200)]
    team_id: UUID
    weight: Weight = 1
    capacity: Capacity = 50
    active: bool = True


class RepEdit(RequestBody):
    """Only the fields to change."""

    model_config = example({"capacity": 20}, {"active": False})

    display_name: Annotated[str, Field(min_length=1, max_length=200)] = ""
    team_id: UUID = UUID(int=0)
    weight: Weight = 1
    capacity: Capacity = 50
    active: bool = True


class RepView(View):
    model_config = example(SHOWN_REP)

    id: UUID
    subject: str
    display_name: str
    team_id: UUID
    weight: int
    capacity: int
    active: bool
    open_leads: int
    version: int
