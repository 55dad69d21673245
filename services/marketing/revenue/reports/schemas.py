"""What HTTP shows of reports."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from services.marketing.revenue.attribution.schemas import ModelName
from services.marketing.revenue.reports.rules import GroupBy
from shared.http.schemas import Amount, View, example

EUR = {"amount": "500.00", "currency": "EUR"}
Basis = Literal["closed", "touched"]
FIGURES = {
    "spend": EUR,
    "impressions": 120000,
    "clicks": 3100,
    "leads": 40,
    "mqls": 12,
    "deals_won": 2.5,
    "revenue": {"amount": "2500.00", "currency": "EUR"},
    "roi": 4.0,
    "roas": 5.0,
    "cost_per_lead": {"amount": "12.50", "currency": "EUR"},
    "reasons": {},
}
ROW = {
    "group": "campaign",
    "key": "01995d3e-0000-7000-8000-00000000c0de",
    "name": "Spring launch",
    "channel": "paid_search",
} | FIGURES


class FiguresView(View):
    """The columns. A figure that is null has its reason in `reasons`."""

    model_config = example(FIGURES)

    spend: Amount = Field(description="Converted by the dated rates. Days without a rate are in `gaps`.")
    impressions: int
    clicks: int
    leads: int = Field(description="New people, by business time.")
    mqls: int = Field(description="Leads qualified for the first time.")
    deals_won: float = Field(description="Won deals: one that is split over two rows is half a deal each.")
    revenue: Amount
    roi: float | None = Field(description="(revenue - spend) / spend")
    roas: float | None = Field(description="Revenue / spend of paid channels.")
    cost_per_lead: Amount | None
    reasons: dict[str, str] = Field(
        description="Why a figure is null: no_spend, no_paid_spend, no_leads, spend_without_rate."
    )


class RoiRow(FiguresView):
    """One campaign, channel or month; or a bucket: no_campaign, unattributed, sales_sourced."""

    model_config = example(ROW)

    group: Literal["campaign", "channel", "month", "bucket"]
    key: str
    name: str | None = None
    channel: str | None = None


class GapView(View):
    """Spend left out because no exchange rate was set for its days."""

    campaign_id: UUID
    amount: Amount
    first_day: date
    last_day: date
    reason: str = "no_rate"


class ReconciliationView(View):
    """Do the credits of the deals closed in the period sum to what these deals are worth? To the cent."""

    model_config = example({"credited": EUR, "closed_deals": EUR, "deals": 3, "holds": True})

    credited: Amount
    closed_deals: Amount
    deals: int
    holds: bool


class RoiReport(View):
    model_config = example(
        {
            "model": "linear",
            "basis": "closed",
            "from": "2026-11-01",
            "to": "2026-12-01",
            "currency": "EUR",
            "group_by": "campaign",
            "rows": [ROW],
            "totals": FIGURES,
            "gaps": [],
            "reconciliation": {"credited": EUR, "closed_deals": EUR, "deals": 3, "holds": True},
        }
    )

    model: ModelName
    basis: Basis
    start: date = Field(serialization_alias="from")
    end: date = Field(serialization_alias="to")
    currency: str
    group_by: GroupBy
    rows: list[RoiRow]
    totals: FiguresView
    gaps: list[GapView]
    reconciliation: ReconciliationView


STAGE = {"stage": "mql", "leads": 12, "of_previous": 0.3, "of_all": 0.3}
FUNNEL = {"group": "all", "name": None, "stages": [STAGE], "recycled": 1, "lost": 2, "disqualified": 0}


class FunnelStage(View):
    model_config = example(STAGE)

    stage: str
    leads: int = Field(description="Leads that came this far or further.")
    of_previous: float | None
    of_all: float | None


class Funnel(View):
    model_config = example(FUNNEL)

    group: str
    name: str | None
    stages: list[FunnelStage]
    recycled: int
    lost: int
    disqualified: int


class FunnelReport(View):
    """How far the leads of the period (by business time) have come until now."""

    model_config = example(
        {"from": "2026-11-01", "to": "2026-12-01", "group_by": "none", "funnels": [FUNNEL]}
    )

    start: date = Field(serialization_alias="from")
    end: date = Field(serialization_alias="to")
    group_by: Literal["none", "campaign", "channel", "month"]
    funnels: list[Funnel]


RESTATEMENT = {
    "closed_month": "2026-10",
    "cause": "refunded",
    "corrections": 2,
    "change": {"amount": "-300.00", "currency": "EUR"},
}


class Restatement(View):
    model_config = example(RESTATEMENT)

    closed_month: str
    cause: str
    corrections: int
    change: Amount


class RestatementReport(View):
    """What became known in the period about deals closed before: by month of the close and by cause."""

    model_config = example({"from": "2026-11-01", "to": "2026-12-01", "restatements": [RESTATEMENT]})

    start: date = Field(serialization_alias="from")
    end: date = Field(serialization_alias="to")
    restatements: list[Restatement]
