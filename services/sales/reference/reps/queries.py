"""Every SELECT on reps, and whose deals a caller may see."""

from uuid import UUID

from sqlalchemy import Select, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.reference.reps.tables import Rep
from shared.auth.access import Access, Caller, Rows


def reps_within(access: Access, caller: Caller) -> Select[UUID] | None:
    """The reps to whose rows the table lets this caller do something; None: all of them."""
    rows = access.reach(caller)
    if Rows.ALL in rows:
        return None
    return select(Rep.id).where(
        or_(
            Rep.subject == caller.subject if Rows.OWN in rows else false(),
            Rep.manager_subject == caller.subject if Rows.MANAGED in rows else false(),
        )
    )


async def rep_of_subject(session: AsyncSession, subject: str) -> Rep | None:
    """Who signs in with this subject; the one still active, should there be two."""
    newest_first = select(Rep).where(Rep.subject == subject).order_by(Rep.active.desc(), Rep.id.desc())
    return (await session.scalars(newest_first.limit(1))).first()


async def rep_within(session: AsyncSession, access: Access, caller: Caller, rep_id: UUID) -> Rep | None:
    query = select(Rep).where(Rep.id == rep_id)
    reps = reps_within(access, caller)
    return (await session.scalars(query if reps is None else query.where(Rep.id.in_(reps)))).first()
