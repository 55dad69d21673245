"""Every SELECT of teams and reps, and which of them a caller may see.

Edits lock rows FOR NO KEY UPDATE: sharing out, whose rows refer to these, never waits for them.
"""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.staff.reps.tables import Load, Rep, Team
from shared.auth.access import Caller, Role

SEES_ALL = (Role.ADMIN, Role.ANALYST)


def visible_teams(caller: Caller) -> ColumnElement[bool]:
    """A manager sees their teams, a rep their own; admins and analysts all."""
    if caller.has(*SEES_ALL):
        return true()
    own = select(Rep.team_id).where(Rep.subject == caller.subject)
    return or_(
        Team.manager_subject == caller.subject if caller.has(Role.SALES_MANAGER) else false(),
        Team.id.in_(own) if caller.has(Role.REP) else false(),
    )


def visible_reps(caller: Caller) -> ColumnElement[bool]:
    """A rep sees themselves only, a manager the reps of their teams; admins and analysts all."""
    if caller.has(*SEES_ALL):
        return true()
    managed = select(Team.id).where(Team.manager_subject == caller.subject)
    return or_(
        Rep.team_id.in_(managed) if caller.has(Role.SALES_MANAGER) else false(),
        Rep.subject == caller.subject if caller.has(Role.REP) else false(),
    )


def teams(caller: Caller) -> Select[Team]:
    return select(Team).where(visible_teams(caller))


def reps(caller: Caller) -> Select[Rep, int]:
    """Rows of a rep and how many leads they have open."""
    return select(Rep, Load.open_leads).join(Load).where(visible_reps(caller))


async def team_for_edit(session: AsyncSession, team_id: UUID, caller: Caller) -> Team | None:
    found = teams(caller).where(Team.id == team_id).with_for_update(key_share=True)
    return (await session.scalars(found)).one_or_none()


async def rep_for_edit(session: AsyncSession, rep_id: UUID, caller: Caller) -> Rep | None:
    found = select(Rep).where(Rep.id == rep_id, visible_reps(caller)).with_for_update(key_share=True)
    return (await session.scalars(found)).one_or_none()


async def team_by_name(session: AsyncSession, name: str) -> Team | None:
    return (await session.scalars(select(Team).where(Team.name == name))).one_or_none()


async def reps_of_team(session: AsyncSession, team_id: UUID) -> list[Rep]:
    """All reps of a team, locked in the order of their ids."""
    found = select(Rep).where(Rep.team_id == team_id).order_by(Rep.id).with_for_update(key_share=True)
    return list((await session.scalars(found)).all())
