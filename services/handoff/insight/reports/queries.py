"""Every SELECT of the reports."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.insight.access import SPEED_TO_LEAD
from services.handoff.insight.reports.rules import Clocks
from services.handoff.routing.allocation.tables import Lead
from services.handoff.staff.reps.queries import teams_within
from services.handoff.staff.reps.tables import Rep, Team
from shared.auth.access import Caller

GroupBy = Literal["rep", "team", "source"]


@dataclass(frozen=True, slots=True)
class Timed:
    """The clocks of one lead, and the group they belong to."""

    key: str | None
    label: str | None
    clocks: Clocks


async def clocks(
    session: AsyncSession, caller: Caller, begin: datetime, end: datetime, group_by: GroupBy | None
) -> list[Timed]:
    """Key, label and clocks of every cycle that began in the period, but backfilled and withdrawn ones."""
    keys = {"rep": (Lead.rep_id, Rep.display_name), "team": (Lead.team_id, Team.name)}
    key, label = keys.get(group_by or "", (Lead.source, Lead.source))
    columns = (
        key.label("key"),
        label.label("label"),
        Lead.received_at,
        Lead.qualified_at,
        Lead.assigned_at,
        Lead.accepted_at,
        Lead.responded_at,
        Lead.ended_at,
    )
    found = select(*columns).join(Team, Team.id == Lead.team_id).outerjoin(Rep, Rep.id == Lead.rep_id)
    found = found.where(Lead.received_at >= begin, Lead.received_at < end, ~Lead.backfilled)
    found = found.where(Lead.withdrawn_at.is_(None))
    rows = await session.execute(found.where(teams_within(SPEED_TO_LEAD.read, caller)))
    return [Timed(str(row[0]) if row[0] else None, row[1], Clocks(*row[2:])) for row in rows]


async def backfilled(session: AsyncSession, caller: Caller, begin: datetime, end: datetime) -> int:
    found = select(func.count()).select_from(Lead).join(Team, Team.id == Lead.team_id)
    found = found.where(Lead.received_at >= begin, Lead.received_at < end, Lead.backfilled)
    found = found.where(Lead.withdrawn_at.is_(None))
    return (await session.execute(found.where(teams_within(SPEED_TO_LEAD.read, caller)))).scalar_one()
