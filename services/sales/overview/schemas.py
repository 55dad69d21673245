from typing import Any

from services.sales.activities.schemas import ActivityView
from services.sales.deals.schemas import DEAL, DealView, HistoryLine
from services.sales.payments.schemas import PaymentView
from services.sales.schemas import example

SHOWN: dict[str, Any] = {**DEAL, "history": [], "payments": [], "activities": []}


class DealPage(DealView):
    """A deal with what happened to it, what was paid, what is planned, and who it is with."""

    model_config = example(**SHOWN)

    history: list[HistoryLine]
    payments: list[PaymentView]
    activities: list[ActivityView]
