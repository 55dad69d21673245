"""Every SELECT on leads that were taken back, and on what was done about their deals."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from asyncpg import Record
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.selling.deals.tables import Deal
from services.sales.work.activities.rules import OfCycle
from services.sales.work.activities.tables import Activity
from services.sales.work.withdrawals.tables import WithdrawnLead
from shared.database import bulk
from shared.database.sessions import driver

# Whoever opens deals and whoever takes leads back see each other's rows: the first share the lock.
OPENING = "SELECT pg_advisory_xact_lock_shared(hashtext('sales.withdrawals'))"
TAKING_BACK = "SELECT pg_advisory_xact_lock(hashtext('sales.withdrawals'))"


WITHDRAWN = bulk.Statement(
    "SELECT lead_id, cycle, reason, withdrawn_at FROM withdrawn_leads "
    "WHERE (lead_id, cycle) IN (SELECT * FROM {keys})",
    keys=bulk.Rows(WithdrawnLead, OfCycle),
)


async def take_turns(session: AsyncSession, *, opening: bool) -> None:
    """Wait, until the commit, for who does the other of the two."""
    await (await driver(session)).execute(OPENING if opening else TAKING_BACK)


async def withdrawn(session: AsyncSession, keys: Collection[OfCycle]) -> Mapping[OfCycle, Record]:
    """Those of these leads and cycles that were taken back, with why and when."""
    rows = await WITHDRAWN(await driver(session), keys=keys)
    return {OfCycle(row["lead_id"], row["cycle"]): row for row in rows}


async def with_activities(session: AsyncSession, deals: Sequence[Deal]) -> set[UUID]:
    """Those of these deals for which somebody did or planned something."""
    found = select(Activity.deal_id).where(Activity.deal_id.in_([deal.id for deal in deals]))
    by_people = found.where(Activity.by_human).distinct()
    return {deal_id for deal_id in (await session.scalars(by_people)).all() if deal_id}
