"""How a campaign is named by the outside world, and what the inside needs to know about it."""

from collections.abc import Mapping
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


PAID_CLICKS = {
    "gclid": "paid_search",
    "gbraid": "paid_search",
    "wbraid": "paid_search",
    "li_fat_id": "paid_social",
    "ttclid": "paid_social",
}
MEDIA = {
    "cpc": "paid_search",
    "ppc": "paid_search",
    "paidsearch": "paid_search",
    "paid_search": "paid_search",
    "paid": "paid_social",
    "paidsocial": "paid_social",
    "paid_social": "paid_social",
    "display": "display",
    "banner": "display",
    "email": "email",
    "e-mail": "email",
    "newsletter": "email",
    "social": "organic_social",
    "organic": "organic_search",
    "referral": "referral",
    "affiliate": "affiliate",
    "event": "event",
}


def channel_of_link(utm: Mapping[str, str], click_ids: Mapping[str, str]) -> str:
    """The channel of a tagged link. (`fbclid` is on organic links too, so it says nothing about paid.)"""
    for name, channel in PAID_CLICKS.items():
        if click_ids.get(name):
            return channel
    medium = utm.get("medium", "").strip().lower()
    if medium:
        return MEDIA.get(medium, "other")
    return "organic_social" if click_ids.get("fbclid") else "direct"
