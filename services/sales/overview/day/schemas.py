"""A rep's day as HTTP shows it."""

from datetime import date
from typing import Any
from uuid import UUID

from services.sales.selling.deals.schemas import DEAL, DealView
from services.sales.work.activities.schemas import ActivityView
from services.sales.work.hand_overs.schemas import HandOverView
from shared.http.schemas import View, example

NOTHING: dict[str, Any] = {"count": 0, "items": []}


class Activities(View):
    """How many there are, and the first fifty, the most urgent first."""

    model_config = example(**NOTHING)

    count: int
    items: list[ActivityView]


class Deals(View):
    """How many there are, and the first fifty, the oldest first."""

    model_config = example(**NOTHING)

    count: int
    items: list[DealView]


class DayView(View):
    """What there is to do. People are named by contact id; their cards come with each deal."""

    model_config = example(
        rep_id=DEAL["rep_id"],
        day="2026-11-27",
        overdue=NOTHING,
        today=NOTHING,
        this_week=NOTHING,
        asked_of_you=[],
        without_next_step=NOTHING,
        past_expected_close=NOTHING,
    )

    rep_id: UUID
    day: date
    overdue: Activities
    today: Activities
    this_week: Activities
    asked_of_you: list[HandOverView]
    without_next_step: Deals
    past_expected_close: Deals
