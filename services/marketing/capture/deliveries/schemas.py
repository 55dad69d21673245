"""Deliveries as HTTP shows them, one line or with its body, and how many are read again."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from services.marketing.capture.deliveries.rules import DOORS
from shared.http.schemas import OneOf, RequestBody, UtcTime, View

DoorName = Annotated[str, OneOf(DOORS)]
DeliveryState = Literal["pending", "read", "repeat", "notice", "unreadable"]
DELIVERY: dict[str, Any] = {
    "id": "019ab1c2-7d3e-7c4f-9a51-2f6e0b7d4c11",
    "door": "web_form",
    "source_id": "019ab1c2-0000-7c4f-9a51-2f6e0b7d4c00",
    "state": "read",
    "reason": None,
    "repeat_of": None,
    "content_type": "application/json",
    "sender": "https://www.example.com",
    "size": 214,
    "received_at": "2026-11-23T09:30:00.125Z",
    "settled_at": "2026-11-23T09:30:00.180Z",
    "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "attempts": 1,
    "mark": None,
    "cleared_at": None,
}


class DeliveryView(View):
    """One request at a door."""

    model_config = ConfigDict(json_schema_extra={"examples": [DELIVERY]}, from_attributes=True)

    id: UUID
    door: DoorName
    source_id: UUID
    state: DeliveryState
    reason: str | None
    repeat_of: UUID | None
    content_type: str | None
    sender: str | None
    size: int | None
    received_at: UtcTime
    settled_at: UtcTime | None
    traceparent: str | None
    attempts: Annotated[int, Field(description="How often a worker began to read it.")]
    mark: Annotated[
        Literal["burst", "flood"] | None,
        Field(
            description="It came above its form's unusual rate: `flood` with a sign of spam, which is "
            "read after all others."
        ),
    ]
    cleared_at: Annotated[
        UtcTime | None, Field(description="When its body went, because its days were over.")
    ]


class DeliverySetAside(RequestBody):
    """Why nobody shall try this delivery any more."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "holds_up_others"}]})

    reason: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[a-z0-9_]+$")] = "set_aside"


class DeliveryDetailView(DeliveryView):
    """A delivery with its raw body, for administrators."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **DELIVERY,
                    "user_agent": "curl/8",
                    "body": '{"email": "…"}',
                    "body_base64": None,
                    "submission_ids": [],
                }
            ]
        },
        from_attributes=True,
    )

    user_agent: str | None
    body: Annotated[str | None, Field(description="The body as text, where it is UTF-8.")]
    body_base64: Annotated[str | None, Field(description="The body, where it is not.")]
    submission_ids: list[UUID]


class ReplayedView(View):
    """How many are processed again. `more` says that the limit left some out."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"replayed": 12, "more": False}]})

    replayed: int
    more: bool
