"""Every SELECT on pipelines and stages."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.selling.pipelines.tables import Pipeline, Stage


async def all_pipelines(session: AsyncSession) -> Sequence[Pipeline]:
    return (await session.scalars(select(Pipeline).order_by(Pipeline.created_at, Pipeline.id))).all()


async def default_pipeline(session: AsyncSession) -> Pipeline:
    """The one new deals open in; the first migration makes it and nothing removes it."""
    return (await session.scalars(select(Pipeline).where(Pipeline.is_default))).one()


async def pipeline_by_id(session: AsyncSession, pipeline_id: UUID, *, lock: bool = False) -> Pipeline | None:
    return await session.get(Pipeline, pipeline_id, with_for_update=lock or None)


async def stage_of(session: AsyncSession, pipeline_id: UUID, key: str) -> Stage | None:
    """An active stage."""
    stage = await session.get(Stage, (pipeline_id, key))
    return stage if stage is not None and stage.active else None
