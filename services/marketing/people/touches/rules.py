"""A touch before it is stored, and the journey a deal's touches make."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTouch:
    """One meeting of a person with something of ours, `occurred_at` in business time."""

    id: UUID
    contact_id: UUID
    kind: str
    source: str
    channel: str
    occurred_at: datetime
    submission_id: UUID | None = None
    external_id: str | None = None
    campaign_id: UUID | None = None
    session_id: str | None = None
    landing_path: str | None = None
    utm: Mapping[str, str] = field(default_factory=dict)
    click_ids: Mapping[str, str] = field(default_factory=dict)


class TouchPoint(NamedTuple):
    """A touch as attribution sees it."""

    id: UUID
    campaign_id: UUID | None
    channel: str
    session_id: str | None
    occurred_at: datetime


def journey_of(touches: Iterable[TouchPoint]) -> list[TouchPoint]:
    """The touches in time order, each session once.

    A session is one visit: the first of its touches that a campaign claims speaks for it, or the
    first of all. Touches at the same instant are ordered by id, so that a split can be replayed.
    """
    spoken: dict[str, TouchPoint] = {}
    alone: list[TouchPoint] = []
    for touch in sorted(touches, key=_in_time):
        if touch.session_id is None:
            alone.append(touch)
            continue
        kept = spoken.get(touch.session_id)
        if kept is None or (kept.campaign_id is None and touch.campaign_id is not None):
            spoken[touch.session_id] = touch
    return sorted([*alone, *spoken.values()], key=_in_time) if spoken else alone


def _in_time(touch: TouchPoint) -> tuple[datetime, UUID]:
    return touch.occurred_at, touch.id
