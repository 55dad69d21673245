"""`/v1/reports`: the open pipeline, the win rate and the losses."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.sales.insight.access import REPORTS
from services.sales.insight.reports import use_cases
from services.sales.insight.reports.schemas import LossReport, PipelineReport, WinRateReport
from services.sales.selling.pipelines import queries as pipelines
from shared.auth.access import Caller
from shared.database.sessions import database_time
from shared.errors import InvalidError, NotFoundError
from shared.http.service import Transaction, router

reports = router("/v1/reports", tags=["reports"])
Readers = Annotated[Caller, Depends(REPORTS.read)]


@reports.get("/pipeline", responses={404: {"description": "There is no such pipeline."}})
async def show_pipeline(
    session: Transaction,
    caller: Readers,
    pipeline_id: Annotated[UUID | None, Query(description="Left out: the default one.")] = None,
) -> PipelineReport:
    """The open deals you may see, by stage: how many, how much, and weighted by probability."""
    if pipeline_id is None:
        pipeline_id = (await pipelines.default_pipeline(session)).id
    elif await pipelines.pipeline_by_id(session, pipeline_id) is None:
        raise NotFoundError(f"No pipeline {pipeline_id}.")
    today = (await database_time(session)).date()
    return await use_cases.report_pipeline(session, caller, pipeline_id, today=today)


@reports.get("/win-rate")
async def show_win_rate(
    session: Transaction,
    caller: Readers,
    start: Annotated[date, Query(alias="from", description="First day of the closes counted.")],
    end: Annotated[date, Query(alias="to", description="The day after the last one.")],
) -> WinRateReport:
    """Won ÷ (won + lost) among the opportunities you may see that closed in a period."""
    _insist_on_days(start, end)
    return await use_cases.report_win_rate(session, caller, start, end)


@reports.get("/losses")
async def show_losses(
    session: Transaction,
    caller: Readers,
    start: Annotated[date, Query(alias="from", description="First day of the closes counted.")],
    end: Annotated[date, Query(alias="to", description="The day after the last one.")],
) -> LossReport:
    """Why the deals you may see were lost in a period, and to whom. `GET /v1/deals?reason=` lists them."""
    _insist_on_days(start, end)
    return await use_cases.report_losses(session, caller, start, end)


def _insist_on_days(start: date, end: date) -> None:
    if end <= start:
        raise InvalidError(
            "The period is empty.", errors=[{"pointer": "?to", "detail": "Must be after from."}]
        )
