"""Lists by keyset."""

import base64
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, DateTime, Integer, MetaData, Table, Uuid, insert, select

from shared.errors import UnparseableError
from shared.http.paging import Cursor, Order, PageRequest, Value
from shared.http.service import Service

lines = Table(
    "lines",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True)),
    Column("amount", Integer),
)
VALUES = st.one_of(
    st.text(max_size=20), st.integers(), st.uuids(), st.dates(), st.decimals(allow_nan=False, places=2),
    st.datetimes(timezones=st.just(UTC)),
)  # fmt: skip


@given(st.text(max_size=20), st.lists(VALUES, max_size=4))
def test_a_cursor_comes_back_as_it_went(order: str, values: list[Value]) -> None:
    cursor = Cursor(order, tuple(values))

    assert Cursor.parse(cursor.encode()) == cursor


@given(st.text(max_size=60))
def test_what_is_no_cursor_is_refused(text: str) -> None:
    try:
        Cursor.parse(text)
    except UnparseableError:
        return
    assert base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).startswith(b"[")


def test_a_cursor_of_another_order_is_refused() -> None:
    cursor = Cursor("amount,id", (1, UUID(int=1)))
    order = Order(lines.c.at, lines.c.id)

    with pytest.raises(UnparseableError, match="another order"):
        order.page(select(lines), PageRequest(10, cursor))


@pytest.mark.parametrize("asked", ["at", "-at", "amount", "-amount"])
async def test_pages_show_every_row_once_and_in_order(service: Service, asked: str) -> None:
    """Many rows share a date and an amount, so that only the id keeps them apart."""
    name, backwards = asked.removeprefix("-"), asked.startswith("-")
    rows = [
        {"id": UUID(int=n * 7919 % 101), "at": datetime(2026, 1, 1 + n % 3, tzinfo=UTC), "amount": n % 5}
        for n in range(50)
    ]
    order = Order(lines.c[name], lines.c.id, descending=backwards)
    shown: list[dict[str, object]] = []
    async with service.state.sessions() as session:
        connection = await session.connection()
        await connection.run_sync(lines.create)
        await session.execute(insert(lines), rows)
        cursor: Cursor | None = None
        while True:
            paging = PageRequest(7, cursor)
            found = (await session.execute(order.page(select(lines), paging))).all()
            page = order.show(found, paging, lambda row: dict(row._mapping))
            shown += page.items
            if page.next_cursor is None:
                break
            cursor = Cursor.parse(page.next_cursor)
        await session.rollback()

    assert shown == sorted(rows, key=lambda row: (row[name], row["id"]), reverse=backwards)


def test_decimals_keep_their_digits() -> None:
    cursor = Cursor("rate", (Decimal("1.10"),))

    assert str(Cursor.parse(cursor.encode()).values[0]) == "1.10"
