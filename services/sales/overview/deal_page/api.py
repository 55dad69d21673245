"""`/v1/deals/{id}`: a deal with its payments, activities and people on one page."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response

from services.sales.overview.deal_page import queries
from services.sales.overview.deal_page.schemas import CompanyDeal, DealPage, without
from services.sales.selling.access import DEALS
from services.sales.selling.deals import queries as deals
from services.sales.selling.deals.schemas import DealView, HistoryLine
from services.sales.selling.payments.queries import payments_of
from services.sales.selling.payments.schemas import PaymentView
from services.sales.work.activities.queries import activities_of
from services.sales.work.activities.schemas import ActivityView
from shared.auth.access import Caller
from shared.clients.contact_cards import ContactCards
from shared.clients.meanwhile import meanwhile
from shared.errors import NotFoundError
from shared.http.etags import etag
from shared.http.service import Transaction, release, router

overview = router("/v1/deals", tags=["deals"])
Readers = Annotated[Caller, Depends(DEALS.read)]


@overview.get("/{deal_id}")
async def show_deal(
    deal_id: UUID, session: Transaction, request: Request, response: Response, caller: Readers
) -> DealPage:
    """One deal with everything around it. Its ETag is what an edit sends back as If-Match.

    Who it is with, what they wrote and what came before is asked of marketing; when marketing does not
    answer within 300 ms, the cards say so.
    """
    deal = await deals.visible_deal(session, caller, deal_id)
    if deal is None:
        raise NotFoundError(f"No deal {deal_id}.")
    contact_cards: ContactCards = request.app.state.contact_cards
    async with meanwhile(
        contact_cards.cards(deal.contact_ids, asked_by=caller, background=True)
    ) as cards_asked:
        history = await deals.history(session, deal_id)
        payments = await payments_of(session, deal_id)
        activities = await activities_of(session, deal_id)
        company = await queries.open_deals_of_company(session, deal)
        await release(session)
        cards = await cards_asked
    response.headers["ETag"] = etag(deal.revision)
    return DealPage(
        **dict(DealView.model_validate(deal)),
        contacts=[without(deal.id, cards[contact_id]) for contact_id in deal.contact_ids],
        company_deals=[CompanyDeal.model_validate(other) for other in company],
        history=[HistoryLine.model_validate(line) for line in history],
        payments=[PaymentView.model_validate(payment) for payment in payments],
        activities=[ActivityView.model_validate(activity) for activity in activities],
    )
