"""Every SELECT on pipelines and stages."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.selling.pipelines.tables import Pipeline, Stage


async def all_pipelines(session: AsyncSession) -> Sequence[Pipeline]:
    return (await session.scalars(select(Pipeline).order_by(Pipeline.created_at, Pipeline.id))).all()


async def default_pipeline(session: AsyncSession) -> Pipeline:
    """The one new deals open in; the first migration makes it and nothing removes it."""
    return (await session.scalars(select(Pipeline).where(Pipeline.is_default))).one()


async def pipeline_by_id(session: AsyncSession, pipeline_id: UUID, *, lock: bool = False) -> Pipeline | None:
    return await session.get(Pipeline, pipeline_id, with_for_update=lock or None)


async def stage_of(session: AsyncSession, pipeline_id: UUID, key: str) -> tuple[Stage, bool] | None:
    """An active stage, and whether who gets there is qualified: that stage does it, or one before it."""
    stage = await session.get(Stage, (pipeline_id, key))
    if stage is None or not stage.active:
        return None
    marked = select(func.min(Stage.position)).where(
        Stage.pipeline_id == pipeline_id, Stage.active, Stage.qualifies
    )
    first = await session.scalar(marked)
    return stage, stage.position >= (1 if first is None else first)
