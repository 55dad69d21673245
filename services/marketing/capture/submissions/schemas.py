"""Submissions as HTTP shows them, and which of them to process again."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from services.marketing.capture.deliveries.schemas import DoorName
from services.marketing.capture.deliveries.tables import BURST
from shared.http.schemas import RequestBody, UtcTime, View

SubmissionState = Literal["pending", "created", "merged", "rejected", "quarantined"]

UNREAD = "The request could not be read and was set aside; its delivery can be replayed."
SUBMISSION: dict[str, Any] = {
    "id": "019ab1c2-7d3e-7c4f-9a51-2f6e0b7d4c11",
    "delivery_id": "019ab1c2-7d3e-7c4f-9a51-2f6e0b7d4c11",
    "door": "web_form",
    "source_id": "019ab1c2-0000-7c4f-9a51-2f6e0b7d4c00",
    "external_id": None,
    "state": "created",
    "waits_for": None,
    "reason": None,
    "detail": None,
    "contact_id": "019ab1c2-7d40-7c4f-9a51-2f6e0b7d4c20",
    "lead_id": "019ab1c2-7d40-7c4f-9a51-2f6e0b7d4c21",
    "campaign_id": None,
    "received_at": "2026-11-23T09:30:00.125Z",
    "occurred_at": "2026-11-23T09:30:00.125Z",
    "backfilled": False,
    "settled_at": "2026-11-23T09:30:00.180Z",
    "attempts": 0,
    "next_attempt_at": None,
    "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "hand_raiser": True,
    "flag": None,
    "alarmed_at": None,
}


class SubmissionView(View):
    """One lead as it came in, and what became of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [SUBMISSION]}, from_attributes=True)

    id: UUID
    delivery_id: UUID
    door: DoorName
    source_id: UUID
    external_id: str | None
    state: SubmissionState
    waits_for: Annotated[
        Literal["details", "processing"] | None, Field(description="Why a pending one is pending.")
    ]
    reason: str | None
    detail: str | None
    contact_id: UUID | None
    lead_id: UUID | None
    campaign_id: UUID | None
    received_at: UtcTime
    occurred_at: UtcTime
    backfilled: bool
    settled_at: UtcTime | None
    attempts: int
    next_attempt_at: UtcTime | None
    traceparent: str | None
    hand_raiser: Annotated[bool, Field(description="Asks to be contacted.")]
    flag: Annotated[str | None, Field(description="`burst`: it came above its form's unusual rate.")]
    alarmed_at: Annotated[
        UtcTime | None, Field(description="When the desk was told that it waits in quarantine.")
    ]


class SubmissionDetailView(SubmissionView):
    """A submission with what was understood of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {**SUBMISSION, "captured": {"email": "ada.nowak@muster-gmbh.example", "answers": {}}}
            ]
        },
        from_attributes=True,
    )

    captured: dict[str, Any] | None

    @classmethod
    def not_yet_read(cls, delivery: Any, submission_id: UUID) -> Self:
        """The submission a delivery will become, as long as nobody could read it."""
        waits = delivery.state == "pending"
        return cls(
            id=submission_id,
            delivery_id=delivery.id,
            door=delivery.door,
            source_id=delivery.source_id,
            external_id=None,
            state="pending" if waits else "quarantined",
            waits_for="processing" if waits else None,
            reason=None if waits else delivery.reason,
            detail=None if waits else UNREAD,
            contact_id=None,
            lead_id=None,
            campaign_id=None,
            received_at=delivery.received_at,
            occurred_at=delivery.received_at,
            backfilled=False,
            settled_at=delivery.settled_at,
            attempts=delivery.attempts,
            next_attempt_at=None,
            traceparent=delivery.traceparent,
            hand_raiser=False,
            flag=BURST if delivery.mark else None,
            alarmed_at=None,
            captured=None,
        )


class ReplayFilter(RequestBody):
    """Which submissions to process again: the oldest first."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"state": "quarantined", "reason": "graph_190"}]}
    )

    state: Annotated[
        Literal["quarantined", "rejected", "unreadable"],
        Field(description="`unreadable` replays deliveries, the others submissions."),
    ]
    reason: Annotated[str | None, Field(max_length=80)] = None
    door: DoorName | None = None
    source_id: UUID | None = None
    received_from: UtcTime | None = None
    received_to: UtcTime | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 1000
