"""What HTTP shows of leads."""

from uuid import UUID

from pydantic import Field

from shared.http.schemas import Amount, UtcTime, View, example

SCORE = {
    "total": 55,
    "fit": 35,
    "engagement": 20,
    "model": 1,
    "reasons": [{"code": "decision_maker", "points": 20}, {"code": "filled_in_a_form", "points": 20}],
}
LEAD = {
    "id": "01995d3e-0000-7000-8000-000000001ead",
    "contact_id": "01995d3e-0000-7000-8000-0000000c0417",
    "cycle": 1,
    "stage": "sal",
    "score": SCORE,
    "source": "web_form",
    "channel": "paid_search",
    "campaign_id": "01995d3e-0000-7000-8000-00000000c0de",
    "owner_rep_id": "01995d3e-0000-7000-8000-000000000e4f",
    "occurred_at": "2026-11-20T09:31:00Z",
    "recorded_at": "2026-11-20T09:31:00Z",
}
STEP = {
    "cycle": 1,
    "from_stage": "lead",
    "to_stage": "mql",
    "at": "2026-11-20T09:31:00Z",
    "recorded_at": "2026-11-20T09:31:00Z",
    "reason": None,
}
DEAL = {
    "id": "01995d3e-0000-7000-8000-00000000dea1",
    "stage": "proposal",
    "outcome": None,
    "amount": {"amount": "12000.00", "currency": "EUR"},
}


class ReasonView(View):
    code: str
    points: int = Field(description="Before the cap of its group.")


class ScoreView(View):
    """The score, and the rules that made it."""

    model_config = example(SCORE)

    total: int
    fit: int
    engagement: int
    model: int = Field(description="Version of the scoring model.")
    reasons: list[ReasonView]


class LeadView(View):
    """A person on the way to becoming a customer: one lead for ever, in its current cycle."""

    model_config = example(LEAD)

    id: UUID
    contact_id: UUID
    cycle: int
    stage: str = Field(
        description="lead, mql, sal, sql, opportunity, customer, lost, recycled, disqualified or withdrawn."
    )
    score: ScoreView
    source: str
    channel: str
    campaign_id: UUID | None
    owner_rep_id: UUID | None
    occurred_at: UtcTime
    recorded_at: UtcTime


class StepView(View):
    """A step of the lifecycle, in business time."""

    model_config = example(STEP)

    cycle: int
    from_stage: str | None
    to_stage: str
    at: UtcTime
    recorded_at: UtcTime | None
    reason: str | None


class LeadDealView(View):
    """The deal of the current cycle, as sales last described it."""

    model_config = example(DEAL)

    id: UUID
    stage: str | None
    outcome: str | None
    amount: Amount


class LeadDetail(LeadView):
    """A lead with its history and its deal."""

    model_config = example(LEAD | {"lifecycle": [STEP], "deal": DEAL})

    lifecycle: list[StepView]
    deal: LeadDealView | None
