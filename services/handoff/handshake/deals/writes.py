"""What sales told of a deal."""

from collections.abc import Collection, Sequence
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
    rep_id: UUID


SAVE = bulk.insert(
    Deal,
    DealRow,
    on_conflict=bulk.replace("deal_id", keeps=("lead_id", "cycle"), where="t.version < excluded.version"),
    returning=("lead_id", "cycle"),
)


async def save_deals(session: AsyncSession, rows: Sequence[DealRow]) -> set[tuple[UUID, int]]:
    """Keep the newest news of these deals. Returns the leads and cycles of those that were news."""
    return {(row["lead_id"], row["cycle"]) for row in await SAVE(await driver(session), rows)}


async def forget(
    session: AsyncSession, deal_ids: Collection[UUID], cycles: Collection[tuple[UUID, int]]
) -> tuple[set[UUID], set[tuple[UUID, int]]]:
    """Forget these deals and all of these leads and cycles. Answers which deals and cycles those are."""
    connection = await driver(session)
    rows = await connection.fetch(
        "DELETE FROM deals WHERE deal_id = ANY($1::uuid[]) OR (lead_id, cycle) IN "
        "(SELECT * FROM unnest($2::uuid[], $3::int[])) RETURNING deal_id, lead_id, cycle",
        list(deal_ids),
        [lead_id for lead_id, _ in cycles],
        [cycle for _, cycle in cycles],
    )
    ids = {*deal_ids, *(row["deal_id"] for row in rows)}
    return ids, {(row["lead_id"], row["cycle"]) for row in rows}
