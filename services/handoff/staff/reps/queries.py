"""Every SELECT of teams and reps, and which of them the tables of access let a caller reach.

Edits lock rows FOR NO KEY UPDATE: sharing out, whose rows refer to these, never waits for them.
"""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.staff.access import REPS, TEAMS
from services.handoff.staff.reps.tables import Load, Rep, Team
from shared.auth.access import Access, Caller, Rows


def teams_within(access: Access, caller: Caller) -> ColumnElement[bool]:
    """The teams to whose rows the table lets this caller do something."""
    rows = access.reach(caller)
    if Rows.ALL in rows:
        return true()
    own = select(Rep.team_id).where(is_own(caller))
    return or_(
        Team.manager_subject == caller.subject if Rows.MANAGED in rows else false(),
        Team.id.in_(own) if Rows.TEAM in rows else false(),
    )


def reps_within(access: Access, caller: Caller) -> ColumnElement[bool]:
    """The reps to whose rows the table lets this caller do something."""
    rows = access.reach(caller)
    if Rows.ALL in rows:
        return true()
    managed = select(Team.id).where(Team.manager_subject == caller.subject)
    return or_(
        Rep.team_id.in_(managed) if Rows.MANAGED in rows else false(),
        is_own(caller) if Rows.OWN in rows else false(),
    )


def is_own(caller: Caller) -> ColumnElement[bool]:
    """Whether a rep is the caller, and still one: nothing is an inactive rep's own any more."""
    return and_(Rep.subject == caller.subject, Rep.active)


async def is_inactive(session: AsyncSession, caller: Caller) -> bool:
    """Whether the caller is a rep who was set inactive."""
    found = select(Rep.id).where(Rep.subject == caller.subject, Rep.active.is_(False))
    return (await session.execute(found.limit(1))).first() is not None


def teams(caller: Caller) -> Select[Team]:
    """Those the caller may see."""
    return select(Team).where(teams_within(TEAMS.read, caller))


def reps(caller: Caller) -> Select[Rep, int]:
    """Rows of a rep and how many leads they have open, of those the caller may see."""
    return select(Rep, Load.open_leads).join(Load).where(reps_within(REPS.read, caller))


async def team_for_edit(session: AsyncSession, team_id: UUID, access: Access, caller: Caller) -> Team | None:
    found = select(Team).where(Team.id == team_id, teams_within(access, caller))
    return (await session.scalars(found.with_for_update(key_share=True))).one_or_none()


async def rep_for_edit(session: AsyncSession, rep_id: UUID, access: Access, caller: Caller) -> Rep | None:
    found = select(Rep).where(Rep.id == rep_id, reps_within(access, caller))
    return (await session.scalars(found.with_for_update(key_share=True))).one_or_none()


async def sees_team(session: AsyncSession, team_id: UUID, caller: Caller) -> bool:
    return (await session.scalars(teams(caller).where(Team.id == team_id))).first() is not None


async def sees_rep(session: AsyncSession, rep_id: UUID, caller: Caller) -> bool:
    return (await session.scalars(reps(caller).where(Rep.id == rep_id))).first() is not None


async def team_by_name(session: AsyncSession, name: str) -> Team | None:
    return (await session.scalars(select(Team).where(Team.name == name))).one_or_none()


async def reps_of_team(session: AsyncSession, team_id: UUID) -> list[Rep]:
    """All reps of a team, locked in the order of their ids."""
    found = select(Rep).where(Rep.team_id == team_id).order_by(Rep.id).with_for_update(key_share=True)
    return list((await session.scalars(found)).all())
