"""Every SELECT of the reports: sums over the deals a caller may see."""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.reference.rates.queries import rate_on
from services.sales.selling.access import DEALS
from services.sales.selling.deals.queries import deals_within, visible_deals
from services.sales.selling.deals.rules import LOST, OPEN, WON
from services.sales.selling.deals.tables import Deal
from services.sales.selling.pipelines.tables import Stage
from shared.auth.access import Caller


async def stages_of(session: AsyncSession, pipeline_id: UUID) -> Sequence[Stage]:
    """All stages, those that are no longer entered too: open deals may still stand in them."""
    stages = select(Stage).where(Stage.pipeline_id == pipeline_id).order_by(Stage.position, Stage.key)
    return (await session.scalars(stages)).all()


async def open_sums(
    session: AsyncSession, caller: Caller, pipeline_id: UUID
) -> Sequence[Row[str, str, int, int]]:
    """(stage, currency, deals, amount) of the open deals this caller may see."""
    net = func.sum(Deal.amount_minor - Deal.refunded_minor)
    sums = (
        visible_deals(caller)
        .with_only_columns(Deal.stage, Deal.currency, func.count(), net)
        .where(Deal.pipeline_id == pipeline_id, Deal.state == OPEN)
        .group_by(Deal.stage, Deal.currency)
        .order_by(Deal.stage, Deal.currency)
    )
    return (await session.execute(sums)).all()


async def rates_on(
    session: AsyncSession, currencies: Collection[str], into: str, day: date
) -> dict[str, Decimal]:
    """The rates into one currency that are known on a day."""
    found = {currency: await rate_on(session, currency, into, day) for currency in sorted(currencies)}
    return {currency: rate for currency, rate in found.items() if rate is not None}


def outcomes(caller: Caller, start: date, end: date) -> Select[str, int, int, int]:
    """(won or lost, deals, fully refunded ones, what they earn) of opportunities closed in a period.

    Of who had them at the close: whoever a deal is handed to later has the customer and not the result.
    """
    refunded = func.count().filter(Deal.state == WON, Deal.refunded_minor == Deal.amount_minor)
    return (
        deals_within(DEALS.read, caller, of=Deal.credited_rep_id)
        .with_only_columns(Deal.state, func.count(), refunded, func.sum(Deal.reporting_minor))
        .where(
            Deal.state.in_((WON, LOST)),
            Deal.opportunity_at.is_not(None),
            Deal.closed_on >= start,
            Deal.closed_on < end,
        )
        .group_by(Deal.state)
    )


async def losses(
    session: AsyncSession, caller: Caller, start: date, end: date
) -> Sequence[Row[str | None, str | None, str, int, int]]:
    """(reason, competitor, currency, deals, amount) of the deals lost in a period, by who had them then."""
    rows = (
        deals_within(DEALS.read, caller, of=Deal.credited_rep_id)
        .with_only_columns(
            Deal.reason, Deal.competitor, Deal.currency, func.count(), func.sum(Deal.amount_minor)
        )
        .where(Deal.state == LOST, Deal.closed_on >= start, Deal.closed_on < end)
        .group_by(Deal.reason, Deal.competitor, Deal.currency)
    )
    return (await session.execute(rows)).all()
