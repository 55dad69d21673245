from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from services.sales.activities.queries import activities_of
from services.sales.activities.schemas import ActivityView
from services.sales.deals import queries as deals
from services.sales.deals.schemas import HistoryLine, shown
from services.sales.overview.schemas import DealPage
from services.sales.payments.queries import payments_of
from services.sales.payments.schemas import PaymentView
from shared.auth import Caller, Role, allow
from shared.errors import NotFoundError
from shared.etags import etag
from shared.web import Transaction, router

overview = router("/v1/deals", tags=["deals"])
Readers = Annotated[
    Caller, Depends(allow(Role.ADMIN, Role.SALES_MANAGER, Role.REP, Role.FINANCE, Role.ANALYST))
]


@overview.get("/{deal_id}")
async def show_deal(deal_id: UUID, session: Transaction, response: Response, caller: Readers) -> DealPage:
    """One deal with everything around it. Its ETag is what an edit sends back as If-Match."""
    deal = await deals.visible_deal(session, caller, deal_id)
    if deal is None:
        raise NotFoundError(f"No deal {deal_id}.")
    history = await deals.history(session, deal_id)
    payments = await payments_of(session, deal_id)
    activities = await activities_of(session, deal_id)
    response.headers["ETag"] = etag(deal.revision)
    return DealPage(
        **shown(deal),
        history=[HistoryLine.model_validate(line) for line in history],
        payments=[PaymentView.of(payment, deal.currency) for payment in payments],
        activities=[ActivityView.model_validate(activity) for activity in activities],
    )
