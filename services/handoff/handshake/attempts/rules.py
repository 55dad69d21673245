"""Which attempts stop which clock. Pure; no order of the news matters.

Speed-to-lead: only a person's outbound attempt stops it, and the first one does. A meeting or demo that was
held, an answer of theirs, or a call that says so is the first connect.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

CHANNELS = {
    "call": "call",
    "email": "email",
    "message": "message",
    "meeting": "meeting",
    "demo": "meeting",
    "presentation": "meeting",
    "follow_up": "message",
}
MEETINGS = frozenset({"meeting", "demo", "presentation"})
SPOKE = frozenset({"connected", "reached", "replied"})
ALONE = frozenset({"no_show", "no_answer", "voicemail", "bounced"})


class Attempt(NamedTuple):
    """What counts of one activity. `activity_id` is None for what a rep stated themselves."""

    activity_id: UUID | None
    rep_id: UUID | None
    channel: str
    occurred_at: datetime
    counts: bool = True
    connected: bool = False


class Response(NamedTuple):
    """When and how a lead was first reached out to, by what, and when they first spoke."""

    responded_at: datetime | None = None
    channel: str | None = None
    activity_id: UUID | None = None
    rep_id: UUID | None = None
    connected_at: datetime | None = None


def is_attempt(direction: str | None, *, by_human: bool, cancelled: bool) -> bool:
    """Whether a person reached out."""
    return direction == "outbound" and by_human and not cancelled


def is_connect(kind: str, direction: str | None, outcome: str | None, *, cancelled: bool) -> bool:
    """Whether they spoke with each other."""
    if cancelled or outcome in ALONE:
        return False
    return kind in MEETINGS or direction == "inbound" or outcome in SPOKE


def response_of(attempts: Sequence[Attempt], *, qualified_at: datetime) -> Response:
    """The first attempt and the first connect since the lead qualified; before is of another cycle."""
    since = sorted(
        (one for one in attempts if one.occurred_at >= qualified_at),
        key=lambda one: (one.occurred_at, str(one.activity_id or "")),
    )
    first = next((one for one in since if one.counts), None)
    spoke = next((one.occurred_at for one in since if one.connected), None)
    if first is None:
        return Response(connected_at=spoke)
    return Response(first.occurred_at, first.channel, first.activity_id, first.rep_id, spoke)
