"""Every SELECT of the slice."""

from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.reference.reps.tables import Rep
from shared.auth.access import Caller, Role


def seen_by(caller: Caller) -> Select[UUID] | None:
    """The reps whose deals this caller may see; None: all of them.

    A rep sees their own, a manager also those of their teams. A person may be both.
    """
    if caller.has(Role.ADMIN, Role.ANALYST, Role.FINANCE):
        return None
    mine = Rep.subject == caller.subject
    if caller.has(Role.SALES_MANAGER):
        return select(Rep.id).where(or_(mine, Rep.manager_subject == caller.subject))
    return select(Rep.id).where(mine)


async def rep_of_subject(session: AsyncSession, subject: str) -> Rep | None:
    """Who signs in with this subject; the one still active, should there be two."""
    newest_first = select(Rep).where(Rep.subject == subject).order_by(Rep.active.desc(), Rep.id.desc())
    return (await session.scalars(newest_first.limit(1))).first()


async def visible_rep(session: AsyncSession, caller: Caller, rep_id: UUID) -> Rep | None:
    query = select(Rep).where(Rep.id == rep_id)
    visible = seen_by(caller)
    return (await session.scalars(query if visible is None else query.where(Rep.id.in_(visible)))).first()
