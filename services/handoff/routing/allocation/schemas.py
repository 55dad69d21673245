"""What would happen to a lead, as HTTP asks and is told."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.events.envelope import Code
from shared.http.schemas import RequestBody, UtcTime, View, example


class LeadFacts(RequestBody):
    """The facts rules look at."""

    model_config = example({"source": "web_form", "score": 85, "country": "DE", "company_size": 240})

    source: Code
    score: Annotated[int, Field(ge=-10_000, le=10_000)]
    hand_raiser: bool = False
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    industry: Code | None = None
    company_size: Annotated[int, Field(ge=0)] | None = None


class RuleTried(View):
    rule_id: UUID
    name: str
    unmet: list[str] = Field(description="The conditions that do not hold; empty for the rule that decides.")


class Share(View):
    rep_id: UUID
    level: float = Field(description="Leads the ledger owes them, this one's share included.")


class Skipped(View):
    rep_id: UUID
    reason: str


class Explanation(View):
    model_config = example(
        {
            "rule_set": 2,
            "rules": [
                {
                    "rule_id": "01997d3c-7a4e-7c11-8d3a-5b1f0e6a2c06",
                    "name": "Everything else",
                    "unmet": [],
                }
            ],
            "team_id": "01997d3c-7a4e-7c11-8d3a-5b1f0e6a2c01",
            "band": "hot",
            "rep_id": "01997d3c-7a4e-7c11-8d3a-5b1f0e6a2c02",
            "answer_by": "2026-11-23T09:00:00Z",
            "leaders": [{"rep_id": "01997d3c-7a4e-7c11-8d3a-5b1f0e6a2c02", "level": 0.5}],
            "passed_over": [],
        }
    )

    rule_set: int
    rules: list[RuleTried] = Field(description="The rules tried, up to the one that decides.")
    team_id: UUID
    band: str = Field(description="hot or warm: which ledger and which deadline.")
    rep_id: UUID | None = Field(description="Who would be offered it now; null: it would wait.")
    answer_by: UtcTime | None = None
    leaders: list[Share]
    passed_over: list[Skipped]
