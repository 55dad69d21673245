"""Submissions as HTTP shows them, and which of them to process again."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from services.marketing.capture.deliveries.rules import GONE
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
    "cleared_at": None,
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
    flag: Annotated[
        str | None,
        Field(
            description="`burst`: it came above its form's unusual rate; `challenge_unverified`: nobody "
            "could be asked whether its challenge was passed."
        ),
    ]
    alarmed_at: Annotated[
        UtcTime | None, Field(description="When the desk was told that it waits in quarantine.")
    ]
    cleared_at: Annotated[
        UtcTime | None, Field(description="When what was told went, because its days were over.")
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
            detail=None if waits else GONE if delivery.cleared_at else UNREAD,
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
            cleared_at=delivery.cleared_at,
            captured=None,
        )


class ReplayFilter(RequestBody):
    """Which submissions to process again: the oldest first, of those whose bodies are still kept."""

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


class WithdrawalFilter(RequestBody):
    """Which submissions to take back, the oldest first, with what became of them; and why.

    At least one of the narrowing fields is needed: nobody takes back everything by mistake.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "source_id": "019ab1c2-0000-7c4f-9a51-2f6e0b7d4c00",
                    "received_from": "2026-11-23T09:30:00Z",
                    "reason": "spam",
                    "dry_run": True,
                }
            ]
        }
    )

    reason: Literal["spam", "test", "duplicate", "mistake"]
    ids: Annotated[list[UUID] | None, Field(min_length=1, max_length=1000)] = None
    door: DoorName | None = None
    source_id: UUID | None = None
    email_domain: Annotated[
        str | None, Field(max_length=253, description="Of the address given: `mail.example`.")
    ] = None
    received_from: UtcTime | None = None
    received_to: UtcTime | None = None
    dry_run: Annotated[bool, Field(description="Only count what would be taken back.")] = False
    after: Annotated[UUID | None, Field(description="Go on behind this one: `last_id` of the answer.")] = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 1000

    @model_validator(mode="after")
    def _is_narrow(self) -> Self:
        narrowing = (self.ids, self.source_id, self.email_domain, self.received_from, self.received_to)
        if all(one is None for one in narrowing):
            raise ValueError("Name ids, source_id, email_domain, received_from or received_to.")
        return self


class WithdrawalView(View):
    """What was taken back, or would be. A release (`POST /v1/submissions/replay`) undoes it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "submissions": 30,
                    "touches": 30,
                    "leads": 30,
                    "cycles": 30,
                    "kept": [],
                    "dry_run": False,
                    "more": False,
                    "last_id": "019ab1c2-7d3e-7c4f-9a51-2f6e0b7d4c11",
                }
            ]
        }
    )

    submissions: Annotated[int, Field(description="Quarantined now, with the reason `withdrawn`.")]
    touches: Annotated[int, Field(description="No longer part of anybody's journey.")]
    leads: Annotated[int, Field(description="Leads of which nothing is left: no report counts them.")]
    cycles: Annotated[
        int, Field(description="Qualifications taken back; handoff and sales are told of each.")
    ]
    kept: Annotated[
        list[UUID],
        Field(
            description="Submissions left alone: sales works their lead, or has won a deal of the person, or "
            "what the person once said went with its days, so that what is left can't be weighed."
        ),
    ]
    dry_run: bool
    more: bool
    last_id: UUID | None
