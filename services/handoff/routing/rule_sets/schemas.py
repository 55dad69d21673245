"""Routing rules as HTTP takes them in and shows them."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from services.handoff.routing.rule_sets.rules import Conditions, Rule
from shared.events.envelope import Code
from shared.http.schemas import RequestBody, UtcTime, View, example

TEAM_ID = "01997d3c-7a4e-7c11-8d3a-5b1f0e6a2c01"
GERMANY = {
    "name": "Large companies in Germany",
    "team_id": TEAM_ID,
    "conditions": {"country": ["DE"], "company_size": {"min": 200}},
}
REST = {"name": "Everything else", "team_id": TEAM_ID, "conditions": {}}
SHOWN = [
    {"id": f"01997d3c-7a4e-7c11-8d3a-5b1f0e6a2c0{number}", **rule}
    for number, rule in enumerate((GERMANY, REST))
]

Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2.")]
Any_of = Annotated[frozenset[Code] | None, Field(min_length=1, max_length=300, description="Any of these.")]


class SizeRange(RequestBody):
    min: int | None = Field(None, ge=0, le=10_000_000)
    max: int | None = Field(None, ge=0, le=10_000_000)


class ScoreRange(RequestBody):
    min: int = Field(ge=-10_000, le=10_000)


class ConditionsForm(RequestBody):
    """All that are given have to hold. A fact that is not known meets no condition on it."""

    country: frozenset[Country] | None = Field(None, min_length=1, max_length=300)
    industry: Any_of = None
    source: Any_of = None
    company_size: SizeRange | None = Field(None, description="Employees, both ends included.")
    score: ScoreRange | None = None
    hand_raiser: bool | None = None

    def rule(self) -> Conditions:
        size = self.company_size or SizeRange()
        return Conditions(
            country=self.country,
            industry=self.industry,
            source=self.source,
            company_size_min=size.min,
            company_size_max=size.max,
            score_min=self.score.min if self.score else None,
            hand_raiser=self.hand_raiser,
        )

    @classmethod
    def of(cls, conditions: Conditions) -> "ConditionsForm":
        size = {"min": conditions.company_size_min, "max": conditions.company_size_max}
        return cls(
            country=conditions.country,
            industry=conditions.industry,
            source=conditions.source,
            company_size=SizeRange(**size) if any(end is not None for end in size.values()) else None,
            score=ScoreRange(min=conditions.score_min) if conditions.score_min is not None else None,
            hand_raiser=conditions.hand_raiser,
        )


def stored(conditions: Conditions) -> dict[str, Any]:
    """Only what says something, in an order that does not change."""
    values = {name: getattr(conditions, name) for name in Conditions.__slots__}
    return {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in values.items()
        if value is not None
    }


class RuleForm(RequestBody):
    name: Annotated[str, Field(min_length=1, max_length=120)]
    team_id: UUID
    conditions: ConditionsForm = ConditionsForm()


class RuleSetForm(RequestBody):
    """The whole set, in order: the first rule that matches decides. The last one has no conditions."""

    model_config = example({"rules": [GERMANY, REST]})

    rules: Annotated[list[RuleForm], Field(min_length=1, max_length=200)]


class RuleView(View):
    id: UUID
    name: str
    team_id: UUID
    conditions: dict[str, Any]

    @classmethod
    def of(cls, rule: Rule) -> "RuleView":
        conditions = ConditionsForm.of(rule.conditions).model_dump(mode="json", exclude_none=True)
        for name, value in conditions.items():
            if isinstance(value, list):
                conditions[name] = sorted(value)
        return cls(id=rule.id, name=rule.name, team_id=rule.team_id, conditions=conditions)


class RuleSetView(View):
    model_config = example(
        {"version": 2, "created_by": "maria", "created_at": "2026-11-23T08:00:00Z", "rules": SHOWN}
    )

    version: int
    created_by: str
    created_at: UtcTime
    rules: list[RuleView]
