"""Every SELECT of the deals that free a rep, or take one again."""

from collections.abc import Collection
from uuid import UUID

from asyncpg import Record
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.staff.reps.tables import Load
from shared.database.sessions import driver


async def lock_loads(session: AsyncSession, rep_ids: Collection[UUID]) -> None:
    """In the order in which everyone takes them, after the leads' rows."""
    locks = select(Load.rep_id).where(Load.rep_id.in_(rep_ids)).order_by(Load.rep_id).with_for_update()
    await session.execute(locks)


async def lock_accepted(session: AsyncSession, keys: Collection[tuple[UUID, int]]) -> list[Record]:
    """The assignment that was accepted of each of these leads and cycles; the leads' rows stay locked."""
    connection = await driver(session)
    leads, cycles = [lead_id for lead_id, _ in keys], [cycle for _, cycle in keys]
    of_keys = "JOIN unnest($1::uuid[], $2::int[]) AS x(lead_id, cycle) USING (lead_id, cycle)"
    await connection.fetch(
        f"SELECT l.lead_id FROM leads l {of_keys} ORDER BY l.lead_id, l.cycle FOR UPDATE OF l", leads, cycles
    )
    return await connection.fetch(
        "SELECT a.id, a.lead_id, a.cycle, a.rep_id, a.offered_to, a.state, d.open, d.rep_id AS deal_rep_id "
        f"FROM assignments a JOIN leads l USING (lead_id, cycle) {of_keys} "
        "CROSS JOIN LATERAL (SELECT bool_or(o.open) AS open, (array_agg(o.rep_id ORDER BY o.open DESC, "
        "o.version DESC) FILTER (WHERE o.rep_id IS NOT NULL))[1] AS rep_id FROM deals o "
        "WHERE o.lead_id = a.lead_id AND o.cycle = a.cycle) d "
        "WHERE l.accepted_at IS NOT NULL AND coalesce(a.offered_to, a.rep_id) = l.rep_id AND a.hop = l.hop",
        leads,
        cycles,
    )
