"""The SELECTs of changes of owner."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.reference.reps.queries import reps_within
from services.sales.reference.reps.tables import Rep
from services.sales.selling.access import OWNERS
from services.sales.selling.deals.queries import deals_within
from services.sales.selling.deals.rules import OPEN
from services.sales.selling.deals.tables import Deal
from services.sales.work.activities.tables import Activity
from shared.auth.access import Caller


def open_deals_of(caller: Caller, rep_id: UUID) -> Select[Deal]:
    """A rep's open deals that this caller may give to others."""
    return deals_within(OWNERS.change, caller).where(Deal.rep_id == rep_id, Deal.state == OPEN)


def these_deals(caller: Caller, deal_ids: Collection[UUID]) -> Select[Deal]:
    return deals_within(OWNERS.change, caller).where(Deal.id.in_(deal_ids))


async def locked(session: AsyncSession, deals: Select[Deal], limit: int) -> Sequence[Deal]:
    """In the order in which everyone takes them."""
    found = deals.order_by(Deal.id).limit(limit).with_for_update(of=Deal)
    return (await session.scalars(found.execution_options(populate_existing=True))).all()


async def count(session: AsyncSession, deals: Select[Deal]) -> int:
    return await session.scalar(select(func.count()).select_from(deals.subquery())) or 0


async def takers(session: AsyncSession, caller: Caller, rep_ids: Collection[UUID]) -> dict[UUID, Rep]:
    """Those of these reps to whom this caller may give deals."""
    found = select(Rep).where(Rep.id.in_(rep_ids), Rep.active)
    reps = reps_within(OWNERS.change, caller)
    rows = await session.scalars(found if reps is None else found.where(Rep.id.in_(reps)))
    return {rep.id: rep for rep in rows.all()}


async def open_counts(session: AsyncSession, rep_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many open deals each of these reps has."""
    counts = select(Deal.rep_id, func.count()).where(Deal.rep_id.in_(rep_ids), Deal.state == OPEN)
    rows = await session.execute(counts.group_by(Deal.rep_id))
    return {row.rep_id: row[1] for row in rows}


async def planned_without_deal(session: AsyncSession, rep_id: UUID) -> Sequence[UUID]:
    """What a rep has to do that belongs to no deal, locked."""
    found = select(Activity.id).where(
        Activity.assignee_id == rep_id,
        Activity.deal_id.is_(None),
        Activity.done_at.is_(None),
        Activity.cancelled_at.is_(None),
    )
    return (await session.scalars(found.order_by(Activity.id).with_for_update())).all()
