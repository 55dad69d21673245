"""How a campaign is named by the outside world, and what the inside needs to know about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.marketing.acquisition.channels.rules import source_kind

NIL = UUID(int=0)  # the campaign, in sums, of what has none
ReferenceKind = Literal["id", "utm", "google_ads", "meta", "linkedin", "tiktok"]


@dataclass(frozen=True, slots=True)
class CampaignReference:
    """One way to name a campaign: our id, its utm_campaign, or an ad platform's id."""

    kind: ReferenceKind
    value: str


# Which platforms number their campaigns in a tag that is the same for all, by the kind of the source.
_PLATFORMS: Mapping[str, tuple[ReferenceKind, ...]] = {
    "social": ("meta", "linkedin", "tiktok", "google_ads"),
    "search": ("google_ads", "meta", "linkedin", "tiktok"),
}
_NETWORKS: Mapping[str, ReferenceKind] = {
    "adwords": "google_ads",
    "google": "google_ads",
    "facebook": "meta",
    "instagram": "meta",
    "linkedin": "linkedin",
    "tiktok": "tiktok",
}


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


def references(
    utm: Mapping[str, str], clicks: Mapping[str, str], ids: Mapping[str, str]
) -> Iterator[CampaignReference]:
    """What may name the campaign of a link, the best first: its own tag, then a platform's number for it."""
    if campaign := utm.get("campaign"):
        yield CampaignReference("utm", campaign)
    if number := clicks.get("gad_campaignid"):
        yield CampaignReference("google_ads", number)
    network = _NETWORKS.get(ids.get("hsa_net", "").lower())
    if (number := ids.get("hsa_cam")) and network:
        yield CampaignReference(network, number)
    if number := ids.get("campaignid"):
        yield CampaignReference("google_ads", number)
    if number := ids.get("utm_id"):
        if is_sound(CampaignReference("id", number)):
            yield CampaignReference("id", number)
        kind = source_kind(utm.get("source", ""))
        for platform in _PLATFORMS.get(kind, _PLATFORMS["search"]):
            yield CampaignReference(platform, number)
