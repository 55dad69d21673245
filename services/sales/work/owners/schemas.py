"""What HTTP takes in and shows of changes of owner."""

from typing import Any, Self
from uuid import UUID

from pydantic import Field, model_validator

from services.sales.selling.deals.schemas import DEAL, Why
from shared.http.schemas import RequestBody, View, example

MOST_DEALS = 500
OTHER = "01937a5e-0009-7aaa-8bbb-000000000009"
BULK: dict[str, Any] = {"from_rep_id": DEAL["rep_id"], "to_rep_ids": [OTHER], "why": "On parental leave."}


class OwnerForm(RequestBody):
    """Who has the deal from now on: an active rep of yours."""

    model_config = example(rep_id=OTHER, why="Speaks their language.")

    rep_id: UUID
    why: Why = None


class OwnersForm(RequestBody):
    """Several deals, or all open ones of a rep, to one rep or shared out among several."""

    model_config = example(**BULK)

    from_rep_id: UUID | None = Field(
        default=None,
        description=f"All their open deals, {MOST_DEALS} a request, and what they have to do without a deal.",
    )
    deal_ids: list[UUID] | None = Field(default=None, min_length=1, max_length=MOST_DEALS)
    to_rep_ids: list[UUID] = Field(
        min_length=1,
        max_length=50,
        description="Each deal goes to who of them has the fewest open ones by then.",
    )
    why: Why = None

    @model_validator(mode="after")
    def says_which(self) -> Self:
        if (self.from_rep_id is None) == (self.deal_ids is None):
            raise ValueError("Send from_rep_id or deal_ids.")
        if self.from_rep_id in self.to_rep_ids:
            raise ValueError("to_rep_ids names who has them now.")
        return self


class ChangedOwner(View):
    """A deal and who has it now."""

    deal_id: UUID
    rep_id: UUID


class OwnersView(View):
    """What was handed over. `left`: so many open deals are still with the rep; ask again."""

    model_config = example(deals=[{"deal_id": DEAL["id"], "rep_id": OTHER}], activities=1, left=0)

    deals: list[ChangedOwner]
    activities: int = Field(description="How many planned activities without a deal went along.")
    left: int
