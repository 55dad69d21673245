"""`/v1/pipelines`: pipelines with their stages."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from services.sales.selling.access import PIPELINES
from services.sales.selling.pipelines import queries, use_cases
from services.sales.selling.pipelines.schemas import PipelineChange, PipelineForm, PipelineView
from shared.auth.access import Caller
from shared.errors import NotFoundError
from shared.http.etags import IfMatchDemanded, etag
from shared.http.service import Transaction, router

pipelines = router("/v1/pipelines", tags=["pipelines"])
Readers = Annotated[Caller, Depends(PIPELINES.read)]
Planners = Annotated[Caller, Depends(PIPELINES.change)]


@pipelines.get("")
async def list_pipelines(session: Transaction, _: Readers) -> list[PipelineView]:
    """Every pipeline with its stages, probabilities and forecast categories."""
    return [PipelineView.model_validate(pipeline) for pipeline in await queries.all_pipelines(session)]


@pipelines.get("/{pipeline_id}")
async def show_pipeline(
    pipeline_id: UUID, session: Transaction, response: Response, _: Readers
) -> PipelineView:
    """One pipeline; its ETag is what a change sends back as If-Match."""
    pipeline = await queries.pipeline_by_id(session, pipeline_id)
    if pipeline is None:
        raise NotFoundError(f"No pipeline {pipeline_id}.")
    response.headers["ETag"] = etag(pipeline.revision)
    return PipelineView.model_validate(pipeline)


@pipelines.post("", status_code=201)
async def add_pipeline(
    form: PipelineForm, session: Transaction, response: Response, _: Planners
) -> PipelineView:
    """Add a pipeline, for another way of selling."""
    pipeline = await use_cases.add_pipeline(session, form)
    response.headers["ETag"] = etag(pipeline.revision)
    return PipelineView.model_validate(pipeline)


@pipelines.patch("/{pipeline_id}")
async def change_pipeline(
    pipeline_id: UUID,
    change: PipelineChange,
    session: Transaction,
    response: Response,
    if_match: IfMatchDemanded,
    _: Planners,
) -> PipelineView:
    """Rename a pipeline, make it the default, or replace its stages."""
    pipeline = await use_cases.change_pipeline(session, pipeline_id, change, if_match=if_match)
    response.headers["ETag"] = etag(pipeline.revision)
    return PipelineView.model_validate(pipeline)
