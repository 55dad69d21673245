"""Every SELECT on submissions: what the intake works on, and what people look at."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.capture.deliveries.queries import narrowed
from services.marketing.capture.submissions.tables import Submission
from shared.database import bulk
from shared.database.sessions import Driver

TAKE_READY = """
SELECT id, item, delivery_id, external_id, details, released, now() AS now FROM submissions
WHERE waits_for = 'processing' AND ($2::uuid IS NULL OR id = $2) ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
"""


class ExternalKey(NamedTuple):
    """What makes a lead of a source known again."""

    source_id: UUID
    external_id: str


KNOWN = bulk.Statement(
    "SELECT s.source_id, s.external_id FROM submissions s JOIN {pairs} "
    "ON s.source_id = pairs.source_id AND s.external_id = pairs.external_id",
    pairs=bulk.Rows(Submission, ExternalKey),
)


@dataclass(frozen=True, slots=True)
class Ready:
    """A submission that waits for nothing but us: its details have come, or somebody asked for a replay."""

    id: UUID
    item: int
    delivery_id: UUID
    external_id: str | None
    details: bytes | None
    released: bool


async def ready_ids(connection: Driver, most: int) -> list[UUID]:
    rows = await connection.fetch(
        "SELECT id FROM submissions WHERE waits_for = 'processing' ORDER BY id LIMIT $1", most
    )
    return [row[0] for row in rows]


async def take_ready(
    connection: Driver, *, most: int, only: UUID | None = None
) -> tuple[list[Ready], datetime | None]:
    """Submissions that can be processed now, locked until the commit, and the database's time."""
    rows = await connection.fetch(TAKE_READY, most, only)
    return [Ready(*tuple(row)[:-1]) for row in rows], (rows[0]["now"] if rows else None)


async def known_external_ids(connection: Driver, pairs: Collection[ExternalKey]) -> set[ExternalKey]:
    """Which of these (source, external id) have a submission already."""
    return {ExternalKey(*row) for row in await KNOWN(connection, pairs=pairs)}


def submissions(**wanted: Any) -> Select[Submission]:
    return narrowed(select(Submission), Submission, wanted)


async def submission(session: AsyncSession, submission_id: UUID, *, lock: bool = False) -> Submission | None:
    return await session.get(Submission, submission_id, with_for_update=lock)


async def submission_ids(session: AsyncSession, delivery_id: UUID) -> list[UUID]:
    query = select(Submission.id).where(Submission.delivery_id == delivery_id).order_by(Submission.item)
    return list((await session.scalars(query)).all())
