"""Every SELECT on consents."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.people.consents.tables import ConsentGiven


async def latest(session: AsyncSession, contact_id: UUID) -> Sequence[ConsentGiven]:
    """What holds for a person: the latest word on each purpose that they were asked about."""
    query = (
        select(ConsentGiven)
        .where(ConsentGiven.contact_id == contact_id)
        .distinct(ConsentGiven.purpose)
        .order_by(
            ConsentGiven.purpose,
            ConsentGiven.at.desc(),
            ConsentGiven.recorded_at.desc(),
            ConsentGiven.submission_id.desc(),
        )
    )
    return (await session.scalars(query)).all()
