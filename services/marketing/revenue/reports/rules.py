"""Return on marketing spend, from atoms that add up: one per campaign, channel, bucket and month. Pure.

Formulas are those of docs/definitions.md: ROI = (revenue - spend) / spend; ROAS = revenue / spend of paid
channels only; CPL = spend / leads. Where there is no spend, or a part of it can't be converted, the
figure is null with its reason, never infinity and never a guess.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal
from uuid import UUID

from services.marketing.acquisition.spend.rules import SpendDay
from shared.money import convert

GroupBy = Literal["campaign", "channel", "month"]


@dataclass(frozen=True, slots=True)
class ReportKey:
    """What an atom is about. Without a campaign the bucket says why.

    `month` is its first day; where nobody asked for months, the first day of the period stands for it.
    """

    campaign_id: UUID | None
    channel: str | None
    bucket: str
    month: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Spend that can't be shown in the reporting currency: no rate was set for its days."""

    campaign_id: UUID
    currency: str
    first_day: date
    last_day: date
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Sums in minor units of the reporting currency. `paid_*` are those of paid channels only."""

    spend: int = 0
    paid_spend: int = 0
    revenue: int = 0
    paid_revenue: int = 0
    deals_ppm: int = 0
    impressions: int = 0
    clicks: int = 0
    leads: int = 0
    mqls: int = 0
    gaps: tuple[Gap, ...] = field(default=())

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            spend=self.spend + other.spend,
            paid_spend=self.paid_spend + other.paid_spend,
            revenue=self.revenue + other.revenue,
            paid_revenue=self.paid_revenue + other.paid_revenue,
            deals_ppm=self.deals_ppm + other.deals_ppm,
            impressions=self.impressions + other.impressions,
            clicks=self.clicks + other.clicks,
            leads=self.leads + other.leads,
            mqls=self.mqls + other.mqls,
            gaps=self.gaps + other.gaps,
        )

    def of_channel(self, *, paid: bool) -> "Figures":
        """The same with the paid part filled in."""
        if not paid or not (self.spend or self.revenue):
            return self
        return self + Figures(paid_spend=self.spend, paid_revenue=self.revenue)


@dataclass(frozen=True, slots=True)
class Ratio:
    """A figure, or the reason why there is none."""

    value: float | None
    reason: str | None = None


def ratio(above: int, below: int, figures: Figures, *, none: str) -> Ratio:
    if figures.gaps:
        return Ratio(None, "spend_without_rate")
    return Ratio(round(float(Decimal(above) / below), 4)) if below else Ratio(None, none)


def roi(figures: Figures) -> Ratio:
    """(revenue - spend) / spend."""
    return ratio(figures.revenue - figures.spend, figures.spend, figures, none="no_spend")


def roas(figures: Figures) -> Ratio:
    """Revenue / spend, of paid channels only."""
    return ratio(figures.paid_revenue, figures.paid_spend, figures, none="no_paid_spend")


def cost_per_lead(figures: Figures) -> tuple[int | None, str | None]:
    """Spend / leads in minor units, rounded half even."""
    if figures.gaps:
        return None, "spend_without_rate"
    if not figures.spend:
        return None, "no_spend"
    if not figures.leads:
        return None, "no_leads"
    return round(Decimal(figures.spend) / figures.leads), None


def month_of(day: date) -> date:
    return day.replace(day=1)


def whole_months(start: date, end: date) -> tuple[date, date]:
    """The whole months of a period, from their first day to the day after the last.

    Without one, what is answered is empty and lies at the end: all of the period comes before it.
    """
    if month_of(start) == month_of(end):
        return end, end
    first = start if start.day == 1 else month_of(start.replace(day=28) + timedelta(days=4))
    return (first, month_of(end)) if first < month_of(end) else (end, end)


def spend_figures(days: Iterable[SpendDay], into: str) -> list[tuple[ReportKey, Figures]]:
    """Each day converted by its dated rate; a day without a rate is a gap, in its own currency."""
    found: list[tuple[ReportKey, Figures]] = []
    for day in days:
        key = ReportKey(day.campaign_id, day.channel, "touch", month_of(day.day))
        figures = Figures(impressions=day.impressions, clicks=day.clicks)
        if day.currency == into:
            figures = replace(figures, spend=day.amount_minor)
        elif day.rate is not None:
            figures = replace(figures, spend=convert(day.amount_minor, day.currency, day.rate, into))
        elif day.amount_minor:
            gap = Gap(
                campaign_id=day.campaign_id,
                currency=day.currency,
                first_day=day.day,
                last_day=day.day,
                amount_minor=day.amount_minor,
            )
            figures = replace(figures, gaps=(gap,))
        found.append((key, figures))
    return found


def joined(gaps: Iterable[Gap]) -> list[Gap]:
    """One gap per campaign and currency, from its first to its last day."""
    found: dict[tuple[UUID, str], Gap] = {}
    for gap in gaps:
        key = (gap.campaign_id, gap.currency)
        known = found.get(key, gap)
        found[key] = Gap(
            campaign_id=gap.campaign_id,
            currency=gap.currency,
            first_day=min(known.first_day, gap.first_day),
            last_day=max(known.last_day, gap.last_day),
            amount_minor=gap.amount_minor + (known.amount_minor if known is not gap else 0),
        )
    return list(found.values())


Group = tuple[str, ...]


def _campaign(key: ReportKey) -> Group:
    if key.campaign_id is not None:
        return ("campaign", str(key.campaign_id))
    return ("bucket", "no_campaign" if key.bucket == "touch" else key.bucket)


def _channel(key: ReportKey) -> Group:
    return ("channel", key.channel) if key.channel else ("bucket", key.bucket)


def _month(key: ReportKey) -> Group:
    return ("month", key.month.isoformat()[:7])


GROUPS: dict[GroupBy, Callable[[ReportKey], Group]] = {
    "campaign": _campaign,
    "channel": _channel,
    "month": _month,
}


def grouped(atoms: Sequence[tuple[ReportKey, Figures]], by: GroupBy) -> dict[Group, Figures]:
    """The atoms summed up by group. Whatever the grouping, the groups sum to the same total."""
    group_of = GROUPS[by]
    sums: dict[Group, Figures] = {}
    for key, figures in atoms:
        group = group_of(key)
        sums[group] = sums[group] + figures if group in sums else figures
    return sums


STAGES = ("lead", "mql", "sal", "sql", "opportunity", "customer")


def funnel(furthest: dict[int, int]) -> list[tuple[str, int, float | None, float | None]]:
    """Stage, leads that reached it, share of the stage before, share of all. `furthest` counts by rank."""
    reached = [sum(n for rank, n in furthest.items() if rank >= stage) for stage in range(len(STAGES))]
    return [
        (
            name,
            reached[rank],
            _share(reached[rank], reached[rank - 1]) if rank else None,
            _share(reached[rank], reached[0]),
        )
        for rank, name in enumerate(STAGES)
    ]


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
