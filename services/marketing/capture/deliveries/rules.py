"""A delivery as the adapters read it, its states, and the ids of the submissions in it. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

# The names of all doors, in order. The registry of connectors, which stands above, fills it.
DOORS: dict[str, None] = {}
GONE = (
    "What was sent is kept no longer (KEEP_REFUSED_DAYS), so it can't be read again. If the lead is known "
    "from elsewhere, enter it with POST /v1/leads."
)
DELIVERY_STATES = ("pending", "read", "repeat", "notice", "unreadable")


@dataclass(frozen=True, slots=True)
class Raw:
    """A stored delivery as the adapters read it."""

    id: UUID
    door: str
    source_id: UUID
    body: bytes
    content_type: str | None
    traceparent: str | None
    received_at: datetime
    sender: str | None = None
    mark: str | None = None


def key_of_change(key: str, body: bytes) -> str:
    """The key of a body that came under a key which another one has: its own, and of the same kind."""
    return f"{key[:2]}~{hashlib.sha256(key.encode() + body).hexdigest()}"


def submission_id(delivery_id: UUID, item: int) -> UUID:
    """The id of the n-th lead in a delivery: known at the door, the same at every reading.

    The first has the delivery's own id. The others count up in the random part of the UUIDv7.
    """
    random = (1 << 62) - 1
    value = delivery_id.int
    return UUID(int=(value & ~random) | ((value + item) & random))
