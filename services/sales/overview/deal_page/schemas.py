"""The page of a deal as HTTP shows it."""

from typing import Any
from uuid import UUID

from services.sales.selling.deals.schemas import DEAL, DealView, HistoryLine
from services.sales.selling.payments.schemas import PaymentView
from services.sales.work.activities.schemas import ActivityView
from shared.clients.contact_cards import ContactCard
from shared.http.schemas import UtcTime, View, example

CARD: dict[str, Any] = {
    "contact_id": DEAL["contact_ids"][0],
    "status": "available",
    "name": "Kim Example",
    "email": "kim@northwind.example",
    "phone": None,
    "company": "Northwind GmbH",
}
SHOWN: dict[str, Any] = {
    **DEAL,
    "contacts": [CARD],
    "company_deals": [
        {
            "id": "01937a5e-0008-7aaa-8bbb-000000000008",
            "stage": "discovery",
            "opened_at": "2026-11-10T08:00:00Z",
            "rep_id": "01937a5e-0009-7aaa-8bbb-000000000009",
            "rep_name": "Cleo",
        }
    ],
    "history": [],
    "payments": [],
    "activities": [],
}


class CompanyDeal(View):
    """Another open deal with the same company, and whom to talk to about it. Never what it is worth."""

    id: UUID
    stage: str
    opened_at: UtcTime
    rep_id: UUID
    rep_name: str | None


class DealPage(DealView):
    """A deal with what happened to it, what was paid, what is planned, and who it is with."""

    model_config = example(**SHOWN)

    contacts: list[ContactCard]
    company_deals: list[CompanyDeal]
    history: list[HistoryLine]
    payments: list[PaymentView]
    activities: list[ActivityView]


def without(deal_id: UUID, card: ContactCard) -> ContactCard:
    """The card without this deal among those beside it."""
    if card.background is None:
        return card
    beside = tuple(one for one in card.background.deals if one.deal_id != deal_id)
    return card.model_copy(update={"background": card.background.model_copy(update={"deals": beside})})
