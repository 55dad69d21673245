"""Putting reports together: load, sum, show."""

from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.acquisition.campaigns import queries as campaigns
from services.marketing.acquisition.spend import queries as spend
from services.marketing.acquisition.spend.schemas import Period
from services.marketing.revenue.attribution.rules import ONE_DEAL
from services.marketing.revenue.attribution.schemas import ModelName
from services.marketing.revenue.reports import queries, rules
from services.marketing.revenue.reports.rules import Figures, Group, GroupBy, ReportKey
from services.marketing.revenue.reports.schemas import (
    Basis,
    FiguresView,
    Funnel,
    FunnelReport,
    FunnelStage,
    GapView,
    ReconciliationView,
    Restatement,
    RestatementReport,
    RoiReport,
    RoiRow,
)
from shared.http.schemas import Amount

Atom = tuple[ReportKey, Figures]
Names = dict[UUID, tuple[str, str]]


async def roi(
    session: AsyncSession,
    period: Period,
    *,
    currency: str,
    model: ModelName,
    group_by: GroupBy,
    basis: Basis,
) -> RoiReport:
    """Return on spend by group, with totals that every grouping shares, and the check that it adds up."""
    await queries.one_moment(session)
    by_month = group_by == "month"
    earned = await _earned(session, period, basis, currency=currency, model=model, by_month=by_month)
    atoms = await _atoms(session, period, earned, currency=currency, by_month=by_month)
    # What is held against the closed deals is credited by the day of the close, whatever the report shows.
    closed = (
        earned
        if basis == "closed"
        else await _earned(session, period, "closed", currency=currency, model=model, by_month=False)
    )
    credited = sum(figures.revenue for _, figures in closed)
    names = await campaigns.campaign_names(session, {key.campaign_id for key, _ in atoms if key.campaign_id})
    total = sum((figures for _, figures in atoms), Figures())
    groups = sorted(rules.grouped(atoms, group_by).items())
    return RoiReport(
        model=model,
        basis=basis,
        start=period.start,
        end=period.end,
        currency=currency,
        group_by=group_by,
        rows=[_row(group, figures, currency, names) for group, figures in groups],
        totals=FiguresView(**_figures(total, currency)),
        gaps=_gaps(total),
        reconciliation=await _reconcile(session, period, currency=currency, credited=credited),
    )


async def _earned(
    session: AsyncSession, period: Period, basis: Basis, *, currency: str, model: ModelName, by_month: bool
) -> list[Atom]:
    return await queries.revenue(
        session, period.start, period.end, basis=basis, currency=currency, model=model, by_month=by_month
    )


async def _atoms(
    session: AsyncSession, period: Period, earned: list[Atom], *, currency: str, by_month: bool
) -> list[Atom]:
    start, end = period.start, period.end
    paid = await campaigns.paid_channels(session)
    spent = await spend.days(session, start, end, into=currency, by_month=by_month)
    people = await queries.people(session, start, end, by_month=by_month)
    atoms = [*earned, *rules.spend_figures(spent, currency), *people]
    return [(key, figures.of_channel(paid=key.channel in paid)) for key, figures in atoms]


async def _reconcile(
    session: AsyncSession, period: Period, *, currency: str, credited: int
) -> ReconciliationView:
    worth, deals = await queries.closed_amounts(session, currency, period.start, period.end)
    return ReconciliationView(
        credited=Amount.of(credited, currency),
        closed_deals=Amount.of(worth, currency),
        deals=deals,
        holds=credited == worth,
    )


def _gaps(total: Figures) -> list[GapView]:
    return [
        GapView(
            campaign_id=gap.campaign_id,
            amount=Amount.of(gap.amount_minor, gap.currency),
            first_day=gap.first_day,
            last_day=gap.last_day,
        )
        for gap in rules.joined(total.gaps)
    ]


def _row(group: Group, figures: Figures, currency: str, names: Names) -> RoiRow:
    kind, key = group
    name, channel = names.get(UUID(key), (None, None)) if kind == "campaign" else (None, None)
    values = {"group": kind, "key": key, "name": name, "channel": channel}
    return RoiRow(**values, **_figures(figures, currency))


def _figures(figures: Figures, currency: str) -> dict[str, object]:
    roi, roas = rules.roi(figures), rules.roas(figures)
    cost, no_cost = rules.cost_per_lead(figures)
    reasons = {"roi": roi.reason, "roas": roas.reason, "cost_per_lead": no_cost}
    return {
        "spend": Amount.of(figures.spend, currency),
        "impressions": figures.impressions,
        "clicks": figures.clicks,
        "leads": figures.leads,
        "mqls": figures.mqls,
        "deals_won": figures.deals_ppm / ONE_DEAL,
        "revenue": Amount.of(figures.revenue, currency),
        "roi": roi.value,
        "roas": roas.value,
        "cost_per_lead": Amount.of(cost, currency) if cost is not None else None,
        "reasons": {name: reason for name, reason in reasons.items() if reason},
    }


async def funnel(
    session: AsyncSession,
    period: Period,
    *,
    group_by: Literal["none", "campaign", "channel", "month"],
    campaign_id: UUID | None,
) -> FunnelReport:
    """How far the leads of the period have come, each counted once by the furthest it came."""
    found = await queries.funnel(session, period.start, period.end, by=group_by, campaign_id=campaign_id)
    ids = {UUID(group) for group in found if group_by == "campaign" and group != "no_campaign"}
    known = await campaigns.campaign_names(session, ids) if ids else {}
    names = {str(id): name for id, (name, _) in known.items()}
    return FunnelReport(
        start=period.start,
        end=period.end,
        group_by=group_by,
        funnels=[
            Funnel(
                group=group,
                name=names.get(group),
                stages=[
                    FunnelStage(stage=stage, leads=leads, of_previous=of_previous, of_all=of_all)
                    for stage, leads, of_previous, of_all in rules.funnel({row[0]: row[1] for row in rows})
                ],
                recycled=sum(row[2] for row in rows),
                lost=sum(row[3] for row in rows),
                disqualified=sum(row[4] for row in rows),
            )
            for group, rows in found.items()
        ],
    )


async def restatements(session: AsyncSession, period: Period, *, currency: str) -> RestatementReport:
    """What became known in the period about months that had been reported before."""
    rows = await queries.restated(session, currency, period.start, period.end)
    return RestatementReport(
        start=period.start,
        end=period.end,
        restatements=[
            Restatement(
                closed_month=month.isoformat()[:7],
                cause=cause,
                corrections=corrections,
                change=Amount.of(change, currency),
            )
            for month, cause, corrections, change in rows
        ],
    )
