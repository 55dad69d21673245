"""Every SELECT on deals and their history."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Numeric, Select, and_, case, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped

from services.sales.reference.reps.queries import reps_within
from services.sales.selling.access import DEALS
from services.sales.selling.deals.rules import OPEN, WON, PaymentState
from services.sales.selling.deals.schemas import DealFilter
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


def filtered(deals: Select[Deal], filters: DealFilter) -> Select[Deal]:
    """The deals asked for: most filters are a column of the deal."""
    given = filters.model_dump(exclude_none=True)
    for name in given.keys() & CONDITIONS.keys():
        deals = deals.where(CONDITIONS[name](given.pop(name)))
    return deals.where(*(getattr(Deal, name) == value for name, value in given.items()))


def _contains(words: str) -> ColumnElement[bool]:
    return or_(
        Deal.title.icontains(words, autoescape=True), Deal.company_name.icontains(words, autoescape=True)
    )


def _stands_as(state: PaymentState) -> ColumnElement[bool]:
    """As the rule of the same name says of one deal."""
    net = Deal.amount_minor - Deal.refunded_minor
    share = func.round(cast(Deal.gross_minor, Numeric) * net / func.nullif(Deal.amount_minor, 0))
    due = case((Deal.state.in_((OPEN, WON)), func.coalesce(share, net)), else_=0)
    if state == "overpaid":
        return and_(Deal.collected_minor > due, or_(Deal.state != OPEN, Deal.amount_minor > 0))
    how = {
        "paid": Deal.collected_minor == due,
        "unpaid": and_(Deal.collected_minor == 0, due > 0),
        "underpaid": and_(Deal.collected_minor > 0, Deal.collected_minor < due),
    }
    return and_(Deal.state == WON, how[state])


# What is more than a column of that name.
CONDITIONS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "withdrawn": lambda yes: Deal.withdrawn_at.is_not(None) if yes else Deal.withdrawn_at.is_(None),
    "contact_id": lambda one: Deal.contact_ids.contains([one]),
    "tag": lambda one: Deal.tags.contains([one]),
    "payment": _stands_as,
    "opened_from": lambda at: Deal.opened_at >= at,
    "opened_before": lambda at: Deal.opened_at < at,
    "closed_from": lambda day: Deal.closed_on >= day,
    "closed_before": lambda day: Deal.closed_on < day,
    "expected_close_from": lambda day: Deal.expected_close_on >= day,
    "expected_close_before": lambda day: Deal.expected_close_on < day,
    "pushes_min": lambda number: Deal.close_pushes >= number,
    "q": _contains,
}


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
