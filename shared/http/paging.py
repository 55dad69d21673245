"""Lists by keyset: a page begins after the last row of the one before, so nothing is skipped or shown twice.

@router.get("", response_model=Page[CampaignView])
async def campaigns(paging: Paging, session: Transaction, caller: …) -> Page[CampaignView]:
    order = Order(Campaign.created_at, Campaign.id, descending=True)
    rows = (await session.scalars(order.page(select(Campaign), paging))).all()
    return order.show(rows, paging, CampaignView.model_validate)
"""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import orjson
from fastapi import Depends, Query
from pydantic import BaseModel
from sqlalchemy import Select, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import ColumnElement

from shared.errors import UnparseableError

MOST = 200
USUAL = 50

T = TypeVar("T")
R = TypeVar("R")
Value = str | int | datetime | date | UUID | Decimal
_READ: dict[str, Callable[[str], Value]] = {
    "s": str,
    "i": int,
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "u": UUID,
    "n": Decimal,
}


class Page(BaseModel, Generic[T]):
    """A page of a list; ask for the next one with `cursor=<next_cursor>` until it is null."""

    items: list[T]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: the order it is in and the sort values of its last row. Opaque to callers."""

    order: str
    values: tuple[Value, ...]

    def encode(self) -> str:
        parts = [_tag(value) + _text(value) for value in self.values]
        return base64.urlsafe_b64encode(orjson.dumps([self.order, *parts])).rstrip(b"=").decode()

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Raises UnparseableError for anything that is not a cursor of ours."""
        try:
            order, *parts = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            return cls(str(order), tuple(_READ[part[0]](part[1:]) for part in parts))
        except (ValueError, KeyError, TypeError, IndexError, InvalidOperation):
            raise UnparseableError("The cursor is not one of ours. Begin without one.") from None


def _tag(value: Value) -> str:
    kinds: list[tuple[type, str]] = [(str, "s"), (int, "i"), (datetime, "t"), (date, "d"), (UUID, "u")]
    return next((tag for kind, tag in kinds if isinstance(value, kind)), "n")


def _text(value: Value) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What a caller asks for."""

    limit: int
    after: Cursor | None


async def _page_request(
    limit: Annotated[int, Query(ge=1, le=MOST, description="How many at most.")] = USUAL,
    cursor: Annotated[
        str | None, Query(max_length=1000, description="`next_cursor` of the page before.")
    ] = None,
) -> PageRequest:
    return PageRequest(limit, Cursor.parse(cursor) if cursor else None)


Paging = Annotated[PageRequest, Depends(_page_request)]
Sortable = InstrumentedAttribute[Any] | ColumnElement[Any]


class Order:
    """The order of a list: columns that are never null and together unique (end with the id)."""

    def __init__(self, *columns: Sortable, descending: bool = False) -> None:
        self._columns = columns
        self._descending = descending
        self._name = ("-" if descending else "") + ",".join(str(column.key) for column in columns)

    def page(self, statement: Select[*tuple[Any, ...]], paging: PageRequest) -> Any:
        """The statement for one page, and one row more, by which `show` knows whether there is a next."""
        if paging.after is not None:
            values = self._values(paging.after)
            row, last = tuple_(*self._columns), tuple_(*values)
            statement = statement.where(row < last if self._descending else row > last)
        ends = [column.desc() if self._descending else column.asc() for column in self._columns]
        return statement.order_by(None).order_by(*ends).limit(paging.limit + 1)

    def show(
        self,
        rows: Sequence[R],
        paging: PageRequest,
        view: Callable[[R], T],
        key: Callable[[R], tuple[Value, ...]] | None = None,
    ) -> Page[T]:
        """The page of these rows. `key` gives a row's sort values where they are not attributes of it."""
        shown = rows[: paging.limit]
        following = None
        if len(rows) > paging.limit:
            last = shown[-1]
            values = key(last) if key else tuple(getattr(last, str(column.key)) for column in self._columns)
            following = Cursor(self._name, values).encode()
        return Page[T](items=[view(row) for row in shown], next_cursor=following)

    def _values(self, cursor: Cursor) -> list[ColumnElement[Any]]:
        if cursor.order != self._name or len(cursor.values) != len(self._columns):
            raise UnparseableError("The cursor belongs to another order of the list. Begin without one.")
        return [
            literal(value, column.type) for value, column in zip(cursor.values, self._columns, strict=True)
        ]
