"""Which deals a list shows: each filter that is given narrows it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy import ColumnElement, Numeric, Select, and_, case, cast, func, or_

from services.sales.selling.deals.rules import OPEN, WON, PaymentState
from services.sales.selling.deals.schemas import State
from services.sales.selling.deals.tables import Deal
from shared.events.envelope import Code
from shared.http.paging import Order, Value
from shared.http.schemas import CurrencyCode, UtcTime

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=100)]


Sorted = Literal["newest", "oldest", "amount", "expected_close", "longest_in_stage", "last_closed"]


class DealFilter(BaseModel):
    """Which deals to list; each that is given narrows the list."""

    state: State | None = None
    stage: Code | None = None
    origin: Literal["lead", "prospecting"] | None = None
    pipeline_id: UUID | None = None
    rep_id: UUID | None = None
    team_id: UUID | None = None
    lead_id: UUID | None = None
    company_id: UUID | None = None
    sourced_by: UUID | None = Field(default=None, description="The rep who brought it.")
    contact_id: UUID | None = None
    currency: CurrencyCode | None = None
    reason: Code | None = Field(default=None, description="Why it was lost or disqualified.")
    competitor: Code | None = None
    tag: Code | None = None
    payment: PaymentState | None = None
    withdrawn: bool | None = Field(default=None, description="Whether marketing took its lead back.")
    opened_from: UtcTime | None = None
    opened_before: UtcTime | None = None
    closed_from: date | None = None
    closed_before: date | None = None
    expected_close_from: date | None = None
    expected_close_before: date | None = None
    pushes_min: int | None = Field(default=None, ge=0, le=32767, description="Put off so often, or more.")
    sort: Sorted = Field(
        default="newest",
        description="oldest and newest by when they were opened here; amount: the largest number first, so "
        "name a currency; expected_close: the soonest first, those without a day last; "
        "longest_in_stage; last_closed: open ones last.",
    )
    q: Words | None = Field(default=None, description="Part of the title or the company's name.")


def filtered(deals: Select[Deal], filters: DealFilter) -> Select[Deal]:
    """The deals asked for: most filters are a column of the deal."""
    given = filters.model_dump(exclude_none=True, exclude={"sort"})
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


_NEVER, _NOT_YET = date(9999, 12, 31), date(1, 1, 1)
_CLOSES = func.coalesce(Deal.expected_close_on, _NEVER).label("expected_close")
_CLOSED = func.coalesce(Deal.closed_on, _NOT_YET).label("last_closed")


@dataclass(frozen=True, slots=True)
class Sorting:
    """An order, and a deal's values in it."""

    order: Order
    values: Callable[[Deal], tuple[Value, ...]]


# An id is as old as its deal, by the database's clock.
SORTINGS: dict[Sorted, Sorting] = {
    "newest": Sorting(Order(Deal.id, descending=True), lambda deal: (deal.id,)),
    "oldest": Sorting(Order(Deal.id), lambda deal: (deal.id,)),
    "amount": Sorting(
        Order(Deal.amount_minor, Deal.id, descending=True), lambda deal: (deal.amount_minor, deal.id)
    ),
    "expected_close": Sorting(
        Order(_CLOSES, Deal.id), lambda deal: (deal.expected_close_on or _NEVER, deal.id)
    ),
    "longest_in_stage": Sorting(Order(Deal.stage_since, Deal.id), lambda deal: (deal.stage_since, deal.id)),
    "last_closed": Sorting(
        Order(_CLOSED, Deal.id, descending=True), lambda deal: (deal.closed_on or _NOT_YET, deal.id)
    ),
}
