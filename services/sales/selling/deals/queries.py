"""Every SELECT on deals and their history."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped

from services.sales.reference.reps.queries import reps_within
from services.sales.selling.access import DEALS
from services.sales.selling.deals.rules import OPEN
from services.sales.selling.deals.tables import Deal, DealChangeRecord, DealFactRecord
from shared.auth.access import Access, Caller


def visible_deals(caller: Caller) -> Select[Deal]:
    """The deals this caller may see; whatever else is asked is asked of these."""
    return deals_within(DEALS.read, caller)


def deals_within(
    access: Access, caller: Caller, *, of: ColumnElement[UUID] | Mapped[UUID] = Deal.rep_id
) -> Select[Deal]:
    """The deals to which the table lets this caller do something: less, it may be, than they see."""
    reps = reps_within(access, caller)
    return select(Deal) if reps is None else select(Deal).where(of.in_(reps))


async def visible_deal(session: AsyncSession, caller: Caller, deal_id: UUID) -> Deal | None:
    return await deal_within(session, DEALS.read, caller, deal_id)


async def deal_within(
    session: AsyncSession, access: Access, caller: Caller, deal_id: UUID, *, lock: bool = False
) -> Deal | None:
    query = deals_within(access, caller).where(Deal.id == deal_id)
    if lock:
        query = query.with_for_update(of=Deal).execution_options(populate_existing=True)
    return (await session.scalars(query)).first()


async def lock_deal(session: AsyncSession, deal_id: UUID) -> Deal:
    """Whoever asks: the caller has seen to that."""
    locked = (
        select(Deal).where(Deal.id == deal_id).with_for_update().execution_options(populate_existing=True)
    )
    return (await session.scalars(locked)).one()


async def lock_deals_of_leads(session: AsyncSession, leads: Sequence[UUID]) -> Sequence[Deal]:
    """Sorted, so that two batches that share deals wait for each other instead of deadlocking."""
    deals = select(Deal).where(Deal.lead_id.in_(leads))
    return (await session.scalars(deals.order_by(Deal.id).with_for_update())).all()


async def has_open_deal(session: AsyncSession, deal: Deal) -> bool:
    """Whether the deal's lead has an open deal of another cycle."""
    if deal.lead_id is None:
        return False
    other = select(Deal.id).where(Deal.lead_id == deal.lead_id, Deal.id != deal.id, Deal.state == OPEN)
    return (await session.scalars(other.limit(1))).first() is not None


async def history(session: AsyncSession, deal_id: UUID) -> Sequence[DealFactRecord]:
    rows = select(DealFactRecord).where(DealFactRecord.deal_id == deal_id).order_by(DealFactRecord.version)
    return (await session.scalars(rows)).all()


def changes_of(deal_id: UUID) -> Select[DealChangeRecord]:
    return select(DealChangeRecord).where(DealChangeRecord.deal_id == deal_id)
