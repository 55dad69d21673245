"""Keeping the lists, and choosing from them."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.reference.lists import queries
from services.sales.reference.lists.rules import List, refusal
from services.sales.reference.lists.schemas import EntryChange, EntryForm
from services.sales.reference.lists.tables import ListEntry
from shared.errors import ConflictError, InvalidError, NotFoundError
from shared.http.etags import check_version


async def add_entry(session: AsyncSession, list_: List, form: EntryForm, *, now: datetime) -> ListEntry:
    if await queries.entry(session, list_, form.key) is not None:
        raise ConflictError(f"There is a {form.key} on this list; change that one, or bring it back.")
    new = ListEntry(list=list_, active=True, revision=1, changed_at=now, **form.model_dump())
    session.add(new)
    await session.flush()
    return new


async def change_entry(
    session: AsyncSession, list_: List, key: str, change: EntryChange, *, if_match: int | None, now: datetime
) -> ListEntry:
    """Raises NotFoundError, StaleError."""
    found = await queries.entry(session, list_, key)
    if found is None:
        raise NotFoundError(f"No {key} on this list.")
    check_version(if_match, found.revision)
    for name, value in change.model_dump(exclude_none=True).items():
        setattr(found, name, value)
    found.revision, found.changed_at = found.revision + 1, now
    return found


async def choose(session: AsyncSession, list_: List, key: str, *, at: str, note: str | None = None) -> None:
    """Raises InvalidError, naming the field `at`, unless this may be chosen."""
    entries = await queries.choices(session, list_)
    refused = refusal(entries, key, has_note=bool(note))
    if refused is not None:
        field, why = refused
        pointer = "/note" if field == "note" else at
        raise InvalidError("That can't be chosen.", errors=[{"pointer": pointer, "detail": why}])
