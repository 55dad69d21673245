"""Rows go to PostgreSQL by the names of their fields, and come back as they were."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import orjson
import pytest
from sqlalchemy import BigInteger, DateTime, LargeBinary, MetaData, Numeric, SmallInteger, String, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared import clock
from shared.database import bulk
from shared.database.sessions import Driver, connect
from tests.support.databases import fresh_database

NOW = datetime(2026, 3, 29, 1, 59, 59, 123456, tzinfo=UTC)


class Base(DeclarativeBase):
    metadata = MetaData()


class Sample(Base):
    __tablename__ = "samples"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger)
    big: Mapped[int | None] = mapped_column(BigInteger)
    name: Mapped[str | None] = mapped_column(String(5))
    rate: Mapped[Decimal | None] = mapped_column(Numeric(24, 12))
    day: Mapped[date | None]
    at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    tags: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    members: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))
    amounts: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    order: Mapped[int] = mapped_column(server_default="7")  # a reserved word


class Count(Base):
    __tablename__ = "counts"

    day: Mapped[date] = mapped_column(primary_key=True)
    shard: Mapped[int] = mapped_column(primary_key=True)
    rows: Mapped[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    id: UUID
    number: int
    big: int | None = None
    name: str | None = None
    rate: Decimal | None = None
    day: date | None = None
    at: datetime | None = None
    body: bytes | None = None
    tags: tuple[str, ...] | None = None
    members: tuple[UUID, ...] | None = None
    amounts: tuple[int, ...] | None = None
    facts: dict[str, Any] | None = None


class Named(NamedTuple):
    id: UUID
    number: int
    name: str | None


class Counted(NamedTuple):
    day: date
    rows: int


def full(number: int) -> Row:
    return Row(
        id=clock.new_id(),
        number=number,
        big=2**40 + number,
        name="Äö\"'",
        rate=Decimal("1.234567890123"),
        day=NOW.date(),
        at=NOW,
        body=b"\x00\xff",
        tags=("a,b", 'say "no"', "back\\slash", "", "NULL", "{}"),
        members=(clock.new_id(), clock.new_id()),
        amounts=(1, -2),
        facts={"deep": {"list": [1, None, "x"]}},
    )


SAVE = bulk.insert(Sample, Row, on_conflict=bulk.replace("id", keeps=("day",)))


@pytest.fixture(scope="module")
async def url() -> AsyncIterator[str]:
    async with fresh_database("handoff") as url:
        engine: AsyncEngine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"))
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        await engine.dispose()
        yield url


@pytest.fixture
async def connection(url: str) -> AsyncIterator[Driver]:
    opened = await connect(url, application="bulk")
    await opened.execute("TRUNCATE samples, counts")
    yield opened
    await opened.close()


async def stored(connection: Driver) -> list[Row]:
    await connection.set_type_codec("jsonb", encoder=str, decoder=orjson.loads, schema="pg_catalog")
    found = [dict(row) for row in await connection.fetch("SELECT * FROM samples ORDER BY number")]
    for values in found:
        assert values.pop("order") == 7
        lists = {name: values[name] for name in ("tags", "members", "amounts")}
        values |= {name: None if value is None else tuple(value) for name, value in lists.items()}
    return [Row(**values) for values in found]


async def test_every_type_comes_back_as_it_was(connection: Driver) -> None:
    rows = [full(1), full(2)]
    await SAVE(connection, rows)
    assert await stored(connection) == rows


async def test_a_row_without_values_shifts_no_other(connection: Driver) -> None:
    empty = [Row(id=clock.new_id(), number=number) for number in (1, 3, 5)]
    rows = [empty[0], full(2), empty[1], full(4), empty[2]]
    await SAVE(connection, rows)
    assert await stored(connection) == rows
    bare = replace(full(6), tags=(), members=(), amounts=(), facts={})
    await SAVE(connection, [bare])
    assert (await stored(connection))[-1] == bare


async def test_a_row_that_lost_a_field_is_refused_and_nothing_is_sent(connection: Driver) -> None:
    broken = full(1)
    object.__delattr__(broken, "name")
    with pytest.raises(AttributeError, match="name"):
        await SAVE(connection, [full(2), broken])
    assert await stored(connection) == []


async def test_no_rows_are_no_statement() -> None:
    nobody: Any = None  # a connection that would fail when used
    assert await SAVE(nobody, []) == []


async def test_a_text_too_long_is_refused_and_never_cut(connection: Driver) -> None:
    with pytest.raises(asyncpg.StringDataRightTruncationError):
        await SAVE(connection, [replace(full(1), name="longer")])


async def test_a_known_row_takes_the_new_values_but_for_what_it_keeps(connection: Driver) -> None:
    first = full(1)
    await SAVE(connection, [first])
    second = replace(full(2), id=first.id, day=date(2000, 1, 1), tags=None)
    await SAVE(connection, [second])
    assert await stored(connection) == [replace(second, day=first.day)]


async def test_what_returning_names_is_answered_and_a_kept_row_is_not(connection: Driver) -> None:
    put = bulk.insert(
        Sample, Row, on_conflict=bulk.keep("id"), constants=("order",), returning=("id", "order"),
        order_by=("number",),
    )  # fmt: skip
    first, second = full(1), full(2)
    assert len(await put(connection, [first], order=3)) == 1
    assert [tuple(row) for row in await put(connection, [second, first], order=4)] == [(second.id, 4)]
    with pytest.raises(TypeError, match="order"):
        await put(connection, [second])


async def test_an_expression_sees_the_row_that_is_there(connection: Driver) -> None:
    add = bulk.insert(
        Sample,
        Named,
        on_conflict=bulk.replace("id", where="t.number < excluded.number", number="t.number + 1"),
    )
    id_ = clock.new_id()
    for number in (1, 10, 2, 0):
        await add(connection, [Named(id_, number, str(number))])
    assert [(row.number, row.name) for row in await stored(connection)] == [(2, "10")]


async def test_an_update_finds_its_rows_by_their_key(connection: Driver) -> None:
    name = bulk.update(Sample, Named, key=("id", "number"), constants=("big",), where="t.name IS NOT NULL",
                       returning=("id",))  # fmt: skip
    first, second = full(1), full(2)
    await SAVE(connection, [first, second])
    renamed = [Named(first.id, 1, "one"), Named(second.id, 7, "other"), Named(clock.new_id(), 1, None)]
    assert [row["id"] for row in await name(connection, renamed, big=5)] == [first.id]
    assert await stored(connection) == [replace(first, name="one", big=5), second]


async def test_several_writes_are_one_statement(connection: Driver) -> None:
    both = bulk.together(
        samples=SAVE, days=bulk.insert(Count, Counted, on_conflict=bulk.keep(), constants=("shard",))
    )
    row = full(1)
    await both(connection, samples=[row], days=[], shard=1)
    await both(connection, samples=[], days=[Counted(NOW.date(), 2)], shard=1)
    assert await stored(connection) == [row]
    assert await connection.fetchval("SELECT sum(rows) FROM counts") == 2


async def test_who_counts_takes_a_shard_of_its_own(connection: Driver, url: str) -> None:
    count = bulk.insert(
        Count, Counted, computed={"shard": bulk.free_shard("counts")},
        on_conflict=bulk.replace("day", "shard", rows="t.rows + excluded.rows"),
    )  # fmt: skip
    other = await connect(url, application="other")
    async with connection.transaction(), other.transaction():
        for _ in range(2):
            await count(connection, [Counted(NOW.date(), 1), Counted(date(2000, 1, 1), 1)])
            await count(other, [Counted(NOW.date(), 10)])
    await other.close()
    found = await connection.fetch("SELECT shard, rows FROM counts WHERE day = $1 ORDER BY 1", NOW.date())
    assert [tuple(row) for row in found] == [(0, 2), (1, 20)]


@dataclass(frozen=True, slots=True)
class Misspelt:
    id: UUID
    numbr: int
