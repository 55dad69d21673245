"""What sales told of a deal."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.handshake.deals.tables import Deal
from shared.database import bulk
from shared.database.sessions import driver


class DealRow(NamedTuple):
    deal_id: UUID
    lead_id: UUID
    cycle: int
    version: int
    open: bool


SAVE = bulk.insert(
    Deal,
    DealRow,
    on_conflict=bulk.replace("deal_id", keeps=("lead_id", "cycle"), where="t.version < excluded.version"),
    returning=("lead_id", "cycle"),
)


async def save_deals(session: AsyncSession, rows: Sequence[DealRow]) -> set[tuple[UUID, int]]:
    """Keep the newest news of these deals. Returns the leads and cycles of those that were news."""
    return {(row["lead_id"], row["cycle"]) for row in await SAVE(await driver(session), rows)}
