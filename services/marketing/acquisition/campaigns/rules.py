"""How a campaign is named by the outside world, and what the inside needs to know about it."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

NIL = UUID(int=0)  # the campaign, in sums, of what has none
ReferenceKind = Literal["id", "utm", "google_ads", "meta", "linkedin", "tiktok"]


@dataclass(frozen=True, slots=True)
class CampaignReference:
    """One way to name a campaign: our id, its utm_campaign, or an ad platform's id."""

    kind: ReferenceKind
    value: str


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """What a touch needs to know of its campaign."""

    id: UUID
    channel: str


def utm_key(value: str) -> str:
    """How utm_campaign is stored and compared: links are typed by people."""
    return value.strip().lower()


def is_sound(reference: CampaignReference) -> bool:
    """Could this name a campaign at all? Our ids are UUIDs; anything else in that place is a typing error."""
    if reference.kind != "id":
        return bool(reference.value) and "\x00" not in reference.value
    try:
        UUID(reference.value)
    except ValueError:
        return False
    return True
