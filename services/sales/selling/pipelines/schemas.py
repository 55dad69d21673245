"""What HTTP takes in and shows of pipelines and stages."""

from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from services.sales.schemas import Text
from services.sales.selling.pipelines.rules import StagePlan
from shared.events.envelope import Code
from shared.http.schemas import RequestBody, View, example

Category = Literal["omitted", "pipeline", "best_case", "most_likely", "commit"]

STAGES: list[dict[str, Any]] = [
    {
        "key": "new",
        "name": "New",
        "probability": 0,
        "forecast_category": "omitted",
        "counts_as_pipeline": False,
        "qualifies": False,
    },
    {
        "key": "proposal",
        "name": "Proposal",
        "probability": 60,
        "forecast_category": "best_case",
        "counts_as_pipeline": True,
        "qualifies": False,
    },
]


class StageForm(RequestBody):
    """A stage. Its key is what deals, events and reports name; its place in the list is its position."""

    model_config = ConfigDict(**example(**STAGES[1]), from_attributes=True)

    key: Code = Field(max_length=40)
    name: Text
    probability: int = Field(ge=0, le=100, description="Percent.")
    forecast_category: Category
    counts_as_pipeline: bool
    qualifies: bool = Field(
        default=False,
        description="The first stage so marked makes a lead an SQL; without a mark it is the second stage.",
    )

    @property
    def plan(self) -> StagePlan:
        return StagePlan(**self.model_dump())


class PipelineForm(RequestBody):
    """A new pipeline. Its first stage lies before the pipeline: deals start there."""

    model_config = example(name="Enterprise", stages=STAGES)

    name: Text
    stages: list[StageForm] = Field(min_length=2, max_length=30)
    is_default: bool = Field(default=False, description="True: deals of new leads open here from now on.")


class PipelineChange(RequestBody):
    """Only what is given changes. `stages` replaces the list: deals in a stage left out may only leave it."""

    model_config = example(name="Enterprise EMEA")

    name: Text | None = None
    stages: list[StageForm] | None = Field(default=None, min_length=2, max_length=30)
    is_default: Literal[True] | None = Field(
        default=None, description="Another pipeline takes over by being made the default itself."
    )


class PipelineView(View):
    """A pipeline with its active stages, in order."""

    model_config = example(
        id="00000000-0000-7000-8000-0000000000a1", name="Sales", is_default=True, stages=STAGES, revision=1
    )

    id: UUID
    name: str
    is_default: bool
    stages: list[StageForm] = Field(validation_alias="active_stages")
    revision: int
