"""Every SELECT on reps, and whose deals a caller may see."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Select, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.sales.reference.reps.tables import Rep
from shared.auth.access import Access, Caller, Rows


def reps_within(access: Access, caller: Caller) -> Select[UUID] | None:
    """The reps to whose rows the table lets this caller do something; None: all of them."""
    rows = access.reach(caller)
    if Rows.ALL in rows:
        return None
    return select(Rep.id).where(
        or_(
            Rep.subject.in_(active_subject(caller)) if Rows.OWN in rows else false(),
            Rep.manager_subject == caller.subject if Rows.MANAGED in rows else false(),
        )
    )


def active_subject(caller: Caller) -> Select[str]:
    """The caller's subject while an active rep has it: nothing is an inactive one's own any more."""
    rep = aliased(Rep)
    return select(rep.subject).where(rep.subject == caller.subject, rep.active)


async def is_inactive(session: AsyncSession, caller: Caller) -> bool:
    """Whether the caller was a rep, and is none any more."""
    known = (await session.scalars(select(Rep.active).where(Rep.subject == caller.subject))).all()
    return bool(known) and not any(known)


async def rep_of_subject(session: AsyncSession, subject: str) -> Rep | None:
    """Who signs in with this subject; the one still active, should there be two."""
    newest_first = select(Rep).where(Rep.subject == subject).order_by(Rep.active.desc(), Rep.id.desc())
    return (await session.scalars(newest_first.limit(1))).first()


async def rep_within(session: AsyncSession, access: Access, caller: Caller, rep_id: UUID) -> Rep | None:
    query = select(Rep).where(Rep.id == rep_id)
    reps = reps_within(access, caller)
    return (await session.scalars(query if reps is None else query.where(Rep.id.in_(reps)))).first()


async def known_reps(session: AsyncSession, rep_ids: Collection[UUID]) -> set[UUID]:
    """Those of these ids that are reps', active or not."""
    return set((await session.scalars(select(Rep.id).where(Rep.id.in_(rep_ids)))).all())
