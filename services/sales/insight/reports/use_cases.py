"""Putting the pipeline and the win rate together."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.insight.reports import queries, rules
from services.sales.insight.reports.rules import OpenSum
from services.sales.insight.reports.schemas import (
    LossLine,
    LossReport,
    PipelineReport,
    StageLine,
    WinRateReport,
)
from services.sales.reference.lists import queries as lists
from services.sales.selling.deals.rules import LOST, WON
from services.sales.selling.pipelines.tables import Stage
from services.sales.settings import reporting_currency
from shared.auth.access import Caller
from shared.http.schemas import Amount


async def report_pipeline(
    session: AsyncSession, caller: Caller, pipeline_id: UUID, *, today: date
) -> PipelineReport:
    """What is open now, by stage, at today's rates."""
    into = reporting_currency()
    by_stage: defaultdict[str, list[OpenSum]] = defaultdict(list)
    for stage, currency, deals, amount in await queries.open_sums(session, caller, pipeline_id):
        by_stage[stage].append(OpenSum(deals, int(amount), currency))
    currencies = {each.currency for sums in by_stage.values() for each in sums}
    rates = await queries.rates_on(session, currencies, into, today)
    stages = [
        stage
        for stage in await queries.stages_of(session, pipeline_id)
        if stage.active or stage.key in by_stage
    ]
    missing: set[str] = set()
    for sums in by_stage.values():
        missing |= rules.in_reporting(sums, rates, into)[1]
    lines = [_line(stage, by_stage[stage.key], rates, into) for stage in stages]
    counting = [line for line in lines if line.counts_as_pipeline]
    return PipelineReport(
        pipeline_id=pipeline_id,
        rates_of=today,
        stages=lines,
        deals=sum(line.deals for line in counting),
        amount=_total([line.amount for line in counting], into),
        weighted=_total([line.weighted for line in counting], into),
        currencies_without_rate=sorted(missing),
    )


async def report_win_rate(session: AsyncSession, caller: Caller, start: date, end: date) -> WinRateReport:
    """Outcomes of the opportunities closed from `start` on and before `end`."""
    rows = (await session.execute(queries.outcomes(caller, start, end))).all()
    deals = {state: count for state, count, _, _ in rows}
    won, lost = deals.get(WON, 0), deals.get(LOST, 0)
    return WinRateReport(
        start=start,
        end=end,
        won=won,
        lost=lost,
        win_rate=rules.win_rate(won, lost),
        fully_refunded=sum(refunded for _, _, refunded, _ in rows),
        won_amount=Amount.of(sum(int(earned) for _, _, _, earned in rows), reporting_currency()),
    )


async def report_losses(session: AsyncSession, caller: Caller, start: date, end: date) -> LossReport:
    """Why deals were lost from `start` on and before `end`, and to whom."""
    sums = [
        rules.LossSum(reason, competitor, currency, deals, int(amount))
        for reason, competitor, currency, deals, amount in await queries.losses(session, caller, start, end)
    ]
    reasons = await lists.names(session, "loss_reasons")
    competitors = await lists.names(session, "competitors")
    return LossReport(
        start=start,
        end=end,
        lost=sum(one.deals for one in sums),
        reasons=[_loss(*line, reasons) for line in rules.by(sums, "reason")],
        competitors=[_loss(*line, competitors) for line in rules.by(sums, "competitor")],
    )


def _loss(key: str | None, deals: int, amounts: Mapping[str, int], names: Mapping[str, str]) -> LossLine:
    return LossLine(
        key=key,
        name=names.get(key, key) if key else None,
        deals=deals,
        amounts=[Amount.of(amount, currency) for currency, amount in amounts.items()],
    )


def _line(stage: Stage, sums: Sequence[OpenSum], rates: Mapping[str, Decimal], into: str) -> StageLine:
    amount, _ = rules.in_reporting(sums, rates, into)
    weighted = rules.weighted(amount, stage.probability)
    return StageLine(
        stage=stage.key,
        name=stage.name,
        probability=stage.probability,
        forecast_category=stage.forecast_category,
        counts_as_pipeline=stage.counts_as_pipeline,
        deals=sum(each.deals for each in sums),
        amount=None if amount is None else Amount.of(amount, into),
        weighted=None if weighted is None else Amount.of(weighted, into),
    )


def _total(amounts: Sequence[Amount | None], into: str) -> Amount | None:
    if any(amount is None for amount in amounts):
        return None
    return Amount.of(sum(amount.minor for amount in amounts if amount), into)
