"""Every SELECT on what people sent again."""

from collections.abc import Collection

from asyncpg import Record
from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.work.activities.rules import OfCycle
from services.sales.work.resubmissions.tables import Resubmission
from shared.database import bulk
from shared.database.sessions import driver

# `is_asked`: somebody has been told to answer already, and has not done it.
WAITING = bulk.Statement(
    "SELECT s.submission_id, s.contact_id, s.received_at, d.id AS deal_id, d.rep_id, d.state, d.opened_at, "
    "EXISTS (SELECT FROM activities a WHERE a.deal_id = d.id AND a.kind = 'task' AND NOT a.by_human "
    "AND a.done_at IS NULL AND a.cancelled_at IS NULL) AS is_asked "
    "FROM {keys} JOIN resubmissions s USING (lead_id, cycle) JOIN deals d USING (lead_id, cycle) "
    "WHERE s.activity_id IS NULL ORDER BY s.received_at, s.submission_id",
    keys=bulk.Rows(Resubmission, OfCycle),
)


async def waiting(session: AsyncSession, keys: Collection[OfCycle]) -> list[Record]:
    """What these leads' people sent again and their deals, which are there by now, do not show yet."""
    return await WAITING(await driver(session), keys=keys)
