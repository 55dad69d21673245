"""What an activity is, what of it others are told, and when a day begins. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

Kind = Literal[
    "call", "email", "message", "meeting", "demo", "presentation", "follow_up", "task", "note", "submission"
]
Direction = Literal["inbound", "outbound"]
State = Literal["planned", "done", "cancelled"]
# What happens between a rep and a customer; the rest is for oneself.
TOLD = frozenset({"call", "email", "message", "meeting", "demo", "presentation", "follow_up"})


class OfCycle(NamedTuple):
    """A lead in one of its cycles."""

    lead_id: UUID
    cycle: int


@dataclass(frozen=True, slots=True)
class Happened:
    """What the others are told of an activity that was done."""

    kind: str
    direction: str | None
    by_human: bool
    outcome: str | None
    occurred_at: datetime
    deal_id: UUID | None
    contact_id: UUID | None
    assignee_id: UUID | None


def state_of(done_at: datetime | None, cancelled_at: datetime | None) -> State:
    """Cancelled after it was done: it did not happen after all."""
    if cancelled_at is not None:
        return "cancelled"
    return "done" if done_at is not None else "planned"


def direction_of(kind: str, given: str | None) -> str | None:
    """Who began it. What a rep notes was their own doing unless they say otherwise; tasks have none."""
    return (given or "outbound") if kind in TOLD else None


def day_of(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """First moment of today there, and of tomorrow: 23 or 25 hours apart when the clocks change."""
    today = now.astimezone(zone).date()
    return _midnight(today, zone), _midnight(today + timedelta(days=1), zone)


def week_of(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """First moment of this week's Monday there, and of the next one's (ISO 8601)."""
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    return _midnight(monday, zone), _midnight(monday + timedelta(days=7), zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)
