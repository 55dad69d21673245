"""Every SELECT on hand-overs."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.reference.reps.queries import reps_within
from services.sales.reference.reps.tables import Rep
from services.sales.work.access import HAND_OVERS
from services.sales.work.hand_overs.rules import State
from services.sales.work.hand_overs.tables import HandOver
from shared.auth.access import Access, Caller

NOW = {"populate_existing": True}


def _asked_of(access: Access, caller: Caller) -> ColumnElement[bool]:
    reps = reps_within(access, caller)
    return true() if reps is None else HandOver.to_rep_id.in_(reps)


def _asked_by(access: Access, caller: Caller) -> ColumnElement[bool]:
    reps = reps_within(access, caller)
    return true() if reps is None else HandOver.from_rep_id.in_(reps)


def visible(caller: Caller, state: State | None) -> Select[HandOver]:
    """What somebody of theirs asked, or was asked."""
    found = select(HandOver).where(
        or_(_asked_of(HAND_OVERS.read, caller), _asked_by(HAND_OVERS.read, caller))
    )
    return found if state is None else found.where(HandOver.state == state)


async def asked_of(session: AsyncSession, rep_id: UUID) -> Sequence[HandOver]:
    """What a rep has to answer."""
    found = select(HandOver).where(HandOver.to_rep_id == rep_id, HandOver.state == "asked")
    return (await session.scalars(found.order_by(HandOver.id).limit(50))).all()


async def locked(
    session: AsyncSession, caller: Caller, hand_over_id: UUID, *, by_who_asked: bool
) -> HandOver | None:
    """One that this caller may answer, or take back."""
    side = _asked_by if by_who_asked else _asked_of
    found = select(HandOver).where(HandOver.id == hand_over_id, side(HAND_OVERS.change, caller))
    return (await session.scalars(found.with_for_update(of=HandOver).execution_options(**NOW))).first()


async def deal_of(session: AsyncSession, hand_over_id: UUID) -> UUID | None:
    return await session.scalar(select(HandOver.deal_id).where(HandOver.id == hand_over_id))


async def is_visible(session: AsyncSession, caller: Caller, hand_over_id: UUID) -> bool:
    found = visible(caller, None).where(HandOver.id == hand_over_id)
    return (await session.scalars(found)).first() is not None


async def asked_for(session: AsyncSession, deal_id: UUID) -> HandOver | None:
    """What is asked of somebody for this deal, locked."""
    found = select(HandOver).where(HandOver.deal_id == deal_id, HandOver.state == "asked")
    return (await session.scalars(found.with_for_update(of=HandOver))).first()


def colleagues() -> Select[Rep]:
    return select(Rep).where(Rep.active)


async def colleague(session: AsyncSession, rep_id: UUID) -> Rep | None:
    return (await session.scalars(colleagues().where(Rep.id == rep_id))).first()
