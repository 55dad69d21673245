"""What HTTP shows of credits."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from shared.http.schemas import Amount, RequestBody, UtcTime, View, example

ModelName = Literal["first", "last", "linear"]
EUR = {"amount": "500.00", "currency": "EUR"}
CREDIT = {
    "bucket": "touch",
    "touch_id": "01995d3e-0000-7000-8000-0000000070c4",
    "occurred_at": "2026-11-02T08:15:00Z",
    "kind": "submission",
    "channel": "paid_search",
    "campaign_id": "01995d3e-0000-7000-8000-00000000c0de",
    "campaign": "Spring launch",
    "share": 0.5,
    "amount": EUR,
    "reporting_amount": EUR,
}
REVISION = {
    "revision": 4,
    "cause": "closed",
    "closed_on": "2026-11-20",
    "recorded_at": "2026-11-20T15:00:00Z",
    "change": {"amount": "1000.00", "currency": "EUR"},
    "reporting_change": {"amount": "1000.00", "currency": "EUR"},
}


class CreditView(View):
    """What one touch earned. Without a touch the bucket says why: unattributed or sales_sourced."""

    model_config = example(CREDIT)

    bucket: str
    touch_id: UUID | None
    occurred_at: UtcTime | None
    kind: str | None
    channel: str | None
    campaign_id: UUID | None
    campaign: str | None
    share: float = Field(description="Of the deal, between 0 and 1.")
    amount: Amount
    reporting_amount: Amount


class RevisionView(View):
    """One version of the deal and what it changed in the ledger."""

    model_config = example(REVISION)

    revision: int
    cause: str
    closed_on: date
    recorded_at: UtcTime
    change: Amount
    reporting_change: Amount


class DealAttribution(View):
    """A deal's credits under one model, touch by touch, as they stand now."""

    model_config = example(
        {
            "deal_id": "01995d3e-0000-7000-8000-00000000dea1",
            "lead_id": "01995d3e-0000-7000-8000-000000001ead",
            "model": "linear",
            "outcome": "won",
            "closed_on": "2026-11-20",
            "amount": {"amount": "1000.00", "currency": "EUR"},
            "reporting_amount": {"amount": "1000.00", "currency": "EUR"},
            "credits": [CREDIT, CREDIT],
            "revisions": [REVISION],
        }
    )

    deal_id: UUID
    lead_id: UUID | None
    model: ModelName
    outcome: str | None
    closed_on: date | None
    amount: Amount = Field(description="Σ credits: what the deal is worth now, nothing unless it is won.")
    reporting_amount: Amount | None
    credits: list[CreditView]
    revisions: list[RevisionView]


class RuleForm(RequestBody):
    """How far before its close a deal's journey may begin. Applies to closes from now on."""

    model_config = example({"lookback_days": 90})

    lookback_days: int = Field(ge=1, le=3650)


class RuleView(View):
    model_config = example(
        {
            "version": 1,
            "lookback_days": 90,
            "created_by": "leadloop",
            "active_from": "2026-11-23T10:00:00Z",
            "models": ["first", "last", "linear"],
        }
    )

    version: int
    lookback_days: int
    created_by: str
    active_from: UtcTime
    models: list[str] = Field(description="The models every deal is credited under.")
