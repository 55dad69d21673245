"""What accepted offers and their leads become by their deals: closed, open again, in other hands."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.routing.allocation.tables import Assignment, Lead
from services.handoff.routing.allocation.writes import LeadKey
from shared.database import bulk
from shared.database.sessions import driver


class Given(NamedTuple):
    """Who has an assignment, and who it was offered to if somebody else."""

    id: UUID
    rep_id: UUID
    offered_to: UUID | None


GIVE = bulk.update(Assignment, Given, key=("id",))
FOLLOW_DEAL = bulk.update(
    Lead, LeadKey, key=("lead_id", "cycle"), constants=("state", "ended_at", "end_reason")
)


async def follow_deals(
    session: AsyncSession, ids: Collection[UUID], keys: Sequence[LeadKey], *, closed_at: datetime | None
) -> None:
    """These accepted offers and their leads are closed with their deals, or open again."""
    if not ids:
        return
    connection = await driver(session)
    state = "closed" if closed_at else "accepted"
    await connection.execute("UPDATE assignments SET state = $2 WHERE id = ANY($1::uuid[])", ids, state)
    reason = "deal_closed" if closed_at else None
    await FOLLOW_DEAL(connection, keys, state=state, ended_at=closed_at, end_reason=reason)


async def give(session: AsyncSession, given: Sequence[Given]) -> None:
    """These accepted offers are in the hands of who has their deals."""
    await GIVE(await driver(session), given)
