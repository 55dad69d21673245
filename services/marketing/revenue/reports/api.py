"""`/v1/reports`: what marketing earned, how far leads come, what was restated."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query, Request

from services.marketing.acquisition.spend.schemas import InPeriod
from services.marketing.revenue.access import REPORTS
from services.marketing.revenue.attribution.schemas import ModelName
from services.marketing.revenue.reports import use_cases
from services.marketing.revenue.reports.rules import GroupBy
from services.marketing.revenue.reports.schemas import Basis, FunnelReport, RestatementReport, RoiReport
from shared.auth.access import Caller
from shared.errors import InvalidError
from shared.http.schemas import CurrencyCode
from shared.http.service import Transaction, router
from shared.settings import CommonSettings

reports = router("/v1/reports", tags=["reports"])
Readers = Annotated[Caller, Depends(REPORTS.read)]


async def _reporting_currency(
    request: Request,
    currency: Annotated[CurrencyCode | None, Query(description="The reporting currency.")] = None,
) -> str:
    """Credits are never converted, so a report is in the currency they were booked in."""
    settings: CommonSettings = request.app.state.settings
    if currency is not None and currency != settings.reporting_currency:
        detail = f"Reports are kept in {settings.reporting_currency}."
        raise InvalidError(detail, errors=[{"pointer": "/currency", "detail": detail}])
    return settings.reporting_currency


InCurrency = Annotated[str, Depends(_reporting_currency)]


@reports.get("/roi")
async def show_roi(
    session: Transaction,
    period: InPeriod,
    currency: InCurrency,
    _: Readers,
    model: Annotated[ModelName, Query(description="How deals are split over touches.")] = "linear",
    group_by: Annotated[GroupBy, Query()] = "campaign",
    basis: Annotated[
        Basis, Query(description="Credits by the day of the close, or by the day of their touch.")
    ] = "closed",
) -> RoiReport:
    """Spend, leads, revenue and their ratios. Every row that earned is shown, campaign or not."""
    return await use_cases.roi(
        session, period, currency=currency, model=model, group_by=group_by, basis=basis
    )


@reports.get("/funnel")
async def show_funnel(
    session: Transaction,
    period: InPeriod,
    _: Readers,
    group_by: Annotated[Literal["none", "campaign", "channel", "month"], Query()] = "none",
    campaign_id: Annotated[UUID | None, Query(description="Only leads this campaign brought.")] = None,
) -> FunnelReport:
    """How far the leads of a period came: lead, MQL, SAL, SQL, opportunity, customer."""
    return await use_cases.funnel(session, period, group_by=group_by, campaign_id=campaign_id)


@reports.get("/restatements")
async def show_restatements(
    session: Transaction, period: InPeriod, currency: InCurrency, _: Readers
) -> RestatementReport:
    """Corrections learned in the period, by the month they restate and by cause."""
    return await use_cases.restatements(session, period, currency=currency)
