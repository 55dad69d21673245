"""`/v1/lists`: what people choose from, and keeping it."""

from typing import Annotated

from fastapi import Depends, Path, Response

from services.sales.reference.access import LISTS
from services.sales.reference.lists import queries, use_cases
from services.sales.reference.lists.rules import List
from services.sales.reference.lists.schemas import EntryChange, EntryForm, EntryView
from services.sales.reference.lists.tables import ListEntry
from shared import clock
from shared.auth.access import Caller
from shared.events.envelope import Code
from shared.http.etags import IfMatchDemanded, etag
from shared.http.service import Transaction, router

lists = router("/v1/lists", tags=["lists"])
Readers = Annotated[Caller, Depends(LISTS.read)]
Keepers = Annotated[Caller, Depends(LISTS.change)]
Key = Annotated[Code, Path()]


@lists.get("/{list}")
async def show_list(list: List, session: Transaction, _: Readers) -> list[EntryView]:
    """All entries, those to choose first. While none is to choose, every code may be."""
    return [EntryView.model_validate(one) for one in await queries.entries_of(session, list)]


@lists.post("/{list}", status_code=201)
async def add_entry(
    list: List, form: EntryForm, session: Transaction, response: Response, _: Keepers
) -> EntryView:
    """Add an entry to choose."""
    return _shown(await use_cases.add_entry(session, list, form, now=clock.now()), response)


@lists.patch("/{list}/{key}")
async def change_entry(
    list: List,
    key: Key,
    change: EntryChange,
    session: Transaction,
    response: Response,
    if_match: IfMatchDemanded,
    _: Keepers,
) -> EntryView:
    """Rename, move, retire or bring back an entry. What names it keeps it. Send its revision as If-Match."""
    found = await use_cases.change_entry(session, list, key, change, if_match=if_match, now=clock.now())
    return _shown(found, response)


def _shown(found: ListEntry, response: Response) -> EntryView:
    response.headers["ETag"] = etag(found.revision)
    return EntryView.model_validate(found)
