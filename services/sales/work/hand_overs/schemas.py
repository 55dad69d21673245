"""What HTTP takes in and shows of hand-overs."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from services.sales.selling.deals.schemas import DEAL
from services.sales.work.hand_overs.rules import State
from shared.events.envelope import Code
from shared.http.schemas import RequestBody, UtcTime, View, example

Note = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
OTHER = "01937a5e-0009-7aaa-8bbb-000000000009"
MEETING = "01937a5e-0006-7aaa-8bbb-000000000006"


class HandOverForm(RequestBody):
    """Whom to ask, and what they have to know."""

    model_config = example(
        to_rep_id=OTHER, activity_id=MEETING, note="Demo is booked; security is the topic."
    )

    to_rep_id: UUID = Field(description="An active rep of any team: GET /v1/colleagues.")
    activity_id: UUID | None = Field(default=None, description="The meeting that is booked, of this deal.")
    note: Note | None = None


class DeclineForm(RequestBody):
    """Why not."""

    model_config = example(reason="no_time")

    reason: Code


class HandOverView(View):
    """What was asked. Who it is with is shown to the colleague when they have taken the deal."""

    model_config = example(
        id="01937a5e-000b-7aaa-8bbb-00000000000b",
        deal_id=DEAL["id"],
        company_name="Northwind GmbH",
        stage="discovery",
        from_rep_id=DEAL["rep_id"],
        to_rep_id=OTHER,
        activity_id=MEETING,
        note="Demo is booked; security is the topic.",
        state="asked",
        reason=None,
        asked_at="2026-11-27T10:00:00Z",
        answered_at=None,
    )

    id: UUID
    deal_id: UUID
    company_name: str | None
    stage: str
    from_rep_id: UUID
    to_rep_id: UUID
    activity_id: UUID | None
    note: str | None
    state: State
    reason: str | None
    asked_at: UtcTime
    answered_at: UtcTime | None


COLLEAGUE: dict[str, Any] = {"rep_id": OTHER, "name": "Cleo Haas", "team": "Central Europe"}


class ColleagueView(View):
    """An active rep, as every seller sees them."""

    model_config = example(**COLLEAGUE)

    rep_id: UUID = Field(validation_alias="id")
    name: str = Field(validation_alias="display_name")
    team: str = Field(validation_alias="team_name")
