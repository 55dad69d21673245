"""Ready-made values. A test names only what it is about."""

from datetime import UTC, datetime
from uuid import UUID

from shared import clock
from shared.events.envelope import Envelope, Event

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CAMPAIGN = UUID("00000000-0000-7000-8000-00000000c0de")


def moment_of(made: UUID) -> datetime:
    """When an id of ours says it was made, to the millisecond."""
    return datetime.fromtimestamp((made.int >> 80) / 1000, UTC)


def delivered(event: Event, *, event_id: UUID | None = None) -> Envelope:
    """The event as a consumer gets it."""
    return Envelope(
        id=event_id or clock.new_id(),
        type=event.type,
        key=event.key,
        time=NOON,
        data=event.data(),
        topic=event.topic,
        traceparent=event.traceparent,
    )
