"""Adding and changing pipelines; stages that deals stand in are retired, not removed."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.selling.pipelines import queries, rules
from services.sales.selling.pipelines.schemas import PipelineChange, PipelineForm, StageForm
from services.sales.selling.pipelines.tables import Pipeline, Stage
from shared import clock
from shared.errors import InvalidError, NotFoundError
from shared.http.etags import check_version


async def add_pipeline(session: AsyncSession, form: PipelineForm) -> Pipeline:
    _insist_on_sound(form.stages)
    if form.is_default:
        await _retire_default(session)
    pipeline = Pipeline(id=clock.new_id(), name=form.name, is_default=form.is_default, revision=1)
    pipeline.stages = [
        Stage(position=place, active=True, **stage.model_dump()) for place, stage in enumerate(form.stages)
    ]
    session.add(pipeline)
    await session.flush()
    return pipeline


async def change_pipeline(
    session: AsyncSession, pipeline_id: UUID, change: PipelineChange, *, if_match: int | None
) -> Pipeline:
    """Rename, make default, or replace the stages of a pipeline."""
    pipeline = await queries.pipeline_by_id(session, pipeline_id, lock=True)
    if pipeline is None:
        raise NotFoundError(f"No pipeline {pipeline_id}.")
    check_version(if_match, pipeline.revision)
    if change.name is not None:
        pipeline.name = change.name
    if change.is_default and not pipeline.is_default:
        await _retire_default(session)
        pipeline.is_default = True
    if change.stages is not None:
        _insist_on_sound(change.stages)
        _replace_stages(pipeline, change.stages)
    pipeline.revision += 1
    await session.flush()
    return pipeline


def _replace_stages(pipeline: Pipeline, wanted: Sequence[StageForm]) -> None:
    known = {stage.key: stage for stage in pipeline.stages}
    for stage in pipeline.stages:
        stage.active = False
    for place, form in enumerate(wanted):
        stage = known.get(form.key) or Stage(key=form.key)
        for name, value in form.model_dump().items():
            setattr(stage, name, value)
        stage.position, stage.active = place, True
        if form.key not in known:
            pipeline.stages.append(stage)
    pipeline.stages.sort(key=lambda stage: stage.position)


async def _retire_default(session: AsyncSession) -> None:
    # Locked first: two pipelines made the default at once follow each other.
    await session.execute(select(Pipeline.id).where(Pipeline.is_default).with_for_update())
    await session.execute(
        update(Pipeline)
        .where(Pipeline.is_default)
        .values(is_default=False, revision=Pipeline.revision + 1)
        .execution_options(synchronize_session="fetch")
    )


def _insist_on_sound(stages: Sequence[StageForm]) -> None:
    faults = list(rules.faults([stage.plan for stage in stages]))
    if faults:
        raise InvalidError(
            "These stages make no usable pipeline.",
            errors=[{"pointer": f"/stages{place}", "detail": why} for place, why in faults],
        )
