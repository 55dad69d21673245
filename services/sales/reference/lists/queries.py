"""Every SELECT on the lists."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.reference.lists.rules import Entry, List
from services.sales.reference.lists.tables import ListEntry


async def entries_of(session: AsyncSession, list_: List) -> Sequence[ListEntry]:
    """In the order in which they are shown, the retired ones last."""
    rows = select(ListEntry).where(ListEntry.list == list_)
    in_order = rows.order_by(ListEntry.active.desc(), ListEntry.position, ListEntry.key)
    return (await session.scalars(in_order)).all()


async def entry(session: AsyncSession, list_: List, key: str) -> ListEntry | None:
    """Locked, to be changed."""
    return await session.get(ListEntry, (list_, key), with_for_update=True)


async def choices(session: AsyncSession, list_: List) -> dict[str, Entry]:
    """By key, as the rules see them."""
    return {one.key: Entry(one.active, one.needs_note) for one in await entries_of(session, list_)}


async def names(session: AsyncSession, list_: List) -> dict[str, str]:
    return {one.key: one.name for one in await entries_of(session, list_)}
