"""The SELECTs behind the lists: what people look at, as opposed to what the intake works on."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.capture.deliveries.queries import narrowed
from services.marketing.capture.submissions.tables import Submission


def submissions(**wanted: Any) -> Select[Submission]:
    return narrowed(select(Submission), Submission, wanted)


async def submission(session: AsyncSession, submission_id: UUID, *, lock: bool = False) -> Submission | None:
    return await session.get(Submission, submission_id, with_for_update=lock)


async def submission_ids(session: AsyncSession, delivery_id: UUID) -> list[UUID]:
    query = select(Submission.id).where(Submission.delivery_id == delivery_id).order_by(Submission.item)
    return list((await session.scalars(query)).all())
