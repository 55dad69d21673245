"""`/v1/deals`: lists, opening, editing, moving through the stages, and the history."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from services.sales.selling.access import DEALS
from services.sales.selling.deals import queries, use_cases
from services.sales.selling.deals.filters import SORTINGS, DealFilter, filtered
from services.sales.selling.deals.schemas import (
    ChangeLine,
    DealChange,
    DealForm,
    DealView,
    HistoryLine,
    StageMove,
)
from services.sales.selling.deals.tables import Deal, DealChangeRecord
from shared import clock
from shared.auth.access import Caller
from shared.clients.contact_holds import ContactHolds
from shared.errors import NotFoundError
from shared.http.etags import IfMatch, IfMatchDemanded, etag
from shared.http.paging import Order, Page, Paging
from shared.http.service import Transaction, ask_first, router

deals = router("/v1/deals", tags=["deals"])
Readers = Annotated[Caller, Depends(DEALS.read)]
Sellers = Annotated[Caller, Depends(DEALS.change)]
LATEST_FIRST = Order(DealChangeRecord.recorded_at, DealChangeRecord.id, descending=True)


@deals.get("")
async def list_deals(
    session: Transaction, paging: Paging, filters: Annotated[DealFilter, Query()], caller: Readers
) -> Page[DealView]:
    """The deals you may see: a rep their own, a manager those of their teams. Newest first unless sorted."""
    sorting = SORTINGS[filters.sort]
    query = filtered(queries.visible_deals(caller), filters)
    rows = (await session.scalars(sorting.order.page(query, paging))).all()
    return sorting.order.show(rows, paging, DealView.model_validate, key=sorting.values)


@deals.post("", status_code=201)
async def open_deal(
    form: DealForm, session: Transaction, request: Request, response: Response, caller: Sellers
) -> DealView:
    """Open a deal from your own prospecting, without a lead.

    The people on it are those whom the rep, their team or a team of yours has in hand, or of its company
    when nobody else works on them. Marketing knows that, and is asked; without its answer: 503.
    """
    if form.contact_ids:
        holds: ContactHolds = request.app.state.contact_holds
        ask = partial(
            holds.joinable,
            form.contact_ids,
            asked_by=caller,
            rep_id=form.rep_id,
            company_id=form.company_id,
        )
        use_cases.check_people(form.contact_ids, await ask_first(request, "contact_holds", ask))
    deal = await use_cases.open_deal(session, caller, form, now=clock.now())
    response.headers["Location"] = f"/v1/deals/{deal.id}"
    return _shown(deal, response)


@deals.patch("/{deal_id}")
async def edit_deal(
    deal_id: UUID,
    change: DealChange,
    session: Transaction,
    response: Response,
    if_match: IfMatchDemanded,
    caller: Sellers,
) -> DealView:
    """Change its title and tags, and an open deal's amount or expected close, and say why.

    Send the ETag you saw as If-Match.
    """
    deal = await use_cases.edit_deal(session, caller, deal_id, change, if_match=if_match, now=clock.now())
    return _shown(deal, response)


@deals.post("/{deal_id}/stage")
async def move_deal(
    deal_id: UUID,
    form: StageMove,
    session: Transaction,
    response: Response,
    if_match: IfMatch,
    caller: Sellers,
) -> DealView:
    """Move a deal to another stage. The first that counts as pipeline makes it an opportunity."""
    deal = await use_cases.move_deal(session, caller, deal_id, form, if_match=if_match, now=clock.now())
    return _shown(deal, response)


@deals.get("/{deal_id}/history")
async def show_history(deal_id: UUID, session: Transaction, caller: Readers) -> list[HistoryLine]:
    """What happened to a deal: every move and close, from where to where, how long, and who did it."""
    if await queries.visible_deal(session, caller, deal_id) is None:
        raise NotFoundError(f"No deal {deal_id}.")
    return [HistoryLine.model_validate(line) for line in await queries.history(session, deal_id)]


@deals.get("/{deal_id}/changes")
async def list_changes(
    deal_id: UUID, session: Transaction, paging: Paging, caller: Readers
) -> Page[ChangeLine]:
    """Every change of its fields, the latest first: from what, to what, by whom, when and why."""
    if await queries.visible_deal(session, caller, deal_id) is None:
        raise NotFoundError(f"No deal {deal_id}.")
    rows = (await session.scalars(LATEST_FIRST.page(queries.changes_of(deal_id), paging))).all()
    return LATEST_FIRST.show(rows, paging, ChangeLine.model_validate)


def _shown(deal: Deal, response: Response) -> DealView:
    response.headers["ETag"] = etag(deal.revision)
    return DealView.model_validate(deal)
