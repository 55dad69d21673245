"""A touch before it is stored, and the journey a deal's touches make."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from services.marketing.acquisition.campaigns.rules import CampaignReference, utm_key

LONGEST_REFERENCE = 200
EARLY = timedelta(minutes=5)  # clocks differ; later than this is the future


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
    visitor_id: str | None = None
    referrer: str | None = None  # host and path
    self_reported: str | None = None
    # The rules that found the channel; None when a campaign or the caller named it.
    channel_rules: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAnonymousTouch:
    """A touch of a session or visitor that nobody has put a name to yet."""

    id: UUID
    kind: str
    source: str
    channel: str
    occurred_at: datetime
    external_id: str | None = None
    campaign_id: UUID | None = None
    session_id: str | None = None
    visitor_id: str | None = None
    landing_path: str | None = None
    utm: Mapping[str, str] = field(default_factory=dict)
    click_ids: Mapping[str, str] = field(default_factory=dict)
    referrer: str | None = None
    channel_rules: int | None = None


class NamedVisit(NamedTuple):
    """A form has said who a session or a visitor is."""

    contact_id: UUID
    session_id: str | None
    visitor_id: str | None


class Unmatched(NamedTuple):
    """A reference of a touch that named no campaign we know. `place`: the best first."""

    kind: str
    value: str
    touch_id: UUID
    place: int
    occurred_at: datetime


class Claimed(NamedTuple):
    """A touch that has found its campaign afterwards, with that campaign's channel."""

    touch_id: UUID
    contact_id: UUID
    submission_id: UUID | None
    campaign_id: UUID
    channel: str


def unmatched_of(touch: NewTouch, references: Iterable[CampaignReference]) -> list[Unmatched]:
    """What a touch without a campaign was called by, so that a campaign registered later can claim it."""
    if touch.campaign_id is not None:
        return []
    named = dict.fromkeys((one.kind, _reference_value(one)) for one in references)
    return [
        Unmatched(kind, value, touch.id, place, touch.occurred_at)
        for place, (kind, value) in enumerate(named)
        if value
    ]


def _reference_value(reference: CampaignReference) -> str:
    value = utm_key(reference.value) if reference.kind == "utm" else reference.value.strip()
    return value.replace("\x00", "")[:LONGEST_REFERENCE]


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
