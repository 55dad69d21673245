"""The page of a deal as HTTP shows it."""

from typing import Any

from services.sales.selling.deals.schemas import DEAL, DealView, HistoryLine
from services.sales.selling.payments.schemas import PaymentView
from services.sales.work.activities.schemas import ActivityView
from shared.clients.contact_cards import ContactCard
from shared.http.schemas import example

CARD: dict[str, Any] = {
    "contact_id": DEAL["contact_ids"][0],
    "status": "available",
    "name": "Kim Example",
    "email": "kim@northwind.example",
    "phone": None,
    "company": "Northwind GmbH",
}
SHOWN: dict[str, Any] = {**DEAL, "contacts": [CARD], "history": [], "payments": [], "activities": []}


class DealPage(DealView):
    """A deal with what happened to it, what was paid, what is planned, and who it is with."""

    model_config = example(**SHOWN)

    contacts: list[ContactCard]
    history: list[HistoryLine]
    payments: list[PaymentView]
    activities: list[ActivityView]
