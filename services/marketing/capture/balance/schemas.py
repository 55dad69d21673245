"""The two capture equations as HTTP shows them."""

from datetime import date
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from services.marketing.capture.deliveries.schemas import DoorName
from shared.http.schemas import View

_DELIVERIES = {
    "received": 5,
    "read": 3,
    "repeat": 1,
    "notice": 1,
    "unreadable": 0,
    "pending": 0,
    "holds": True,
}
_SUBMISSIONS = {
    "made": 3, "created": 2, "merged": 1, "rejected": 0, "quarantined": 0, "pending": 0, "holds": True
}  # fmt: skip
BALANCE: dict[str, Any] = {
    "holds": True,
    "deliveries": _DELIVERIES,
    "submissions": _SUBMISSIONS,
    "refused": 1,
    "repeats_with_another_body": 0,
    "by_day": [
        {
            "day": "2026-11-23",
            "door": "web_form",
            "deliveries": _DELIVERIES,
            "submissions": _SUBMISSIONS,
            "refused": 1,
            "repeats_with_another_body": 0,
        }
    ],
}


AnotherBody = Annotated[
    int,
    Field(description="Under a known key: kept as deliveries of their own, or refused as `key-reused`."),
]


class DeliveryEquation(View):
    """received = read + repeat + notice + unreadable + pending."""

    received: Annotated[int, Field(description="Counted at the door, apart from the rows.")]
    read: int
    repeat: int
    notice: int
    unreadable: int
    pending: int
    holds: bool


class SubmissionEquation(View):
    """made = created + merged + rejected + quarantined + pending."""

    made: Annotated[int, Field(description="Counted when they were made, apart from the rows.")]
    created: int
    merged: int
    rejected: int
    quarantined: int
    pending: int
    holds: bool


class BalanceLine(View):
    """Both equations for one door and day (UTC, by receipt)."""

    day: date
    door: DoorName
    deliveries: DeliveryEquation
    submissions: SubmissionEquation
    refused: Annotated[int, Field(description="Turned away at the door; nothing of them is kept.")]
    repeats_with_another_body: AnotherBody


class BalanceView(View):
    """Both equations, in all and by door and day."""

    model_config = ConfigDict(json_schema_extra={"examples": [BALANCE]})

    holds: bool
    deliveries: DeliveryEquation
    submissions: SubmissionEquation
    refused: int
    repeats_with_another_body: AnotherBody
    by_day: list[BalanceLine]
