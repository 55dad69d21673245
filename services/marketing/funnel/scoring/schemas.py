"""What HTTP takes in and shows of a scoring model; its rules are stored in this shape too."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator

from services.marketing.funnel.scoring.rules import Group, Operator, Rule
from shared.events.envelope import Code
from shared.http.schemas import RequestBody, UtcTime, View

Text = Annotated[str, Field(max_length=200)]
LIST_OPERATORS = ("in", "contains_any")
MODEL: dict[str, Any] = {
    "threshold": 50,
    "fit_cap": 50,
    "engagement_cap": 50,
    "rules": [
        {
            "code": "company_large",
            "group": "fit",
            "field": "company_size",
            "op": "at_least",
            "value": 200,
            "points": 20,
        },
        {
            "code": "student",
            "group": "fit",
            "field": "job_title",
            "op": "contains_any",
            "value": ["student", "intern"],
            "points": -30,
        },
    ],
}


class RuleForm(RequestBody):
    """One rule: when `field` `op` `value` holds, `points` are added to the group."""

    model_config = ConfigDict(json_schema_extra={"examples": [MODEL["rules"][0]]})

    code: Code = Field(description="Names the reason in scores and in `LeadQualified`.")
    group: Group
    field: Annotated[str, Field(min_length=1, max_length=80)] = Field(
        description="A fact of the lead (company_size, industry, country, company_domain, source, channel, "
        "arrivals, touches, message_length, …) or an answer of the form by its name."
    )
    op: Operator
    value: bool | int | Text | list[Text] | None = None
    points: int = Field(ge=-1000, le=1000)

    @model_validator(mode="after")
    def fits_operator(self) -> "RuleForm":
        if self.op in LIST_OPERATORS and not isinstance(self.value, list):
            raise ValueError(f"{self.op} takes a list of texts.")
        if self.op not in LIST_OPERATORS and isinstance(self.value, list):
            raise ValueError(f"{self.op} takes one value, not a list.")
        if self.op in ("at_least", "at_most") and (
            not isinstance(self.value, int) or isinstance(self.value, bool)
        ):
            raise ValueError(f"{self.op} takes a whole number.")
        if self.op in ("is", "is_not") and self.value is None:
            raise ValueError(f"{self.op} needs a value.")
        return self

    def rule(self) -> Rule:
        value = tuple(self.value) if isinstance(self.value, list) else self.value
        return Rule(self.code, self.group, self.field, self.op, value, self.points)


class ScoringModelForm(RequestBody):
    """A whole model. Putting it makes a new version, which scores from then on."""

    model_config = ConfigDict(json_schema_extra={"examples": [MODEL]})

    threshold: int = Field(ge=-10_000, le=10_000, description="A total of this or more qualifies.")
    fit_cap: int = Field(default=50, ge=0, le=10_000)
    engagement_cap: int = Field(default=50, ge=0, le=10_000)
    rules: list[RuleForm] = Field(max_length=200)

    @model_validator(mode="after")
    def codes_differ(self) -> "ScoringModelForm":
        codes = [rule.code for rule in self.rules]
        if len(set(codes)) != len(codes):
            raise ValueError("Each rule needs a code of its own.")
        return self


class ScoringModelView(View):
    """A version of the scoring model."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "version": 2,
                    "state": "active",
                    **MODEL,
                    "created_by": "ana",
                    "created_at": "2026-11-23T10:00:00Z",
                    "active_from": "2026-11-23T10:00:00Z",
                }
            ]
        }
    )

    version: int
    state: Literal["draft", "active", "retired"]
    threshold: int
    fit_cap: int
    engagement_cap: int
    rules: list[dict[str, Any]]
    created_by: str
    created_at: UtcTime
    active_from: UtcTime | None
