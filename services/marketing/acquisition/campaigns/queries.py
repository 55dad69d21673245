"""Every SELECT on channels and campaigns."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.acquisition.campaigns.rules import CampaignFacts, CampaignReference, is_sound, utm_key
from services.marketing.acquisition.campaigns.tables import Campaign, CampaignExternalId, Channel
from shared.database import bulk
from shared.database.sessions import driver


class Asked(NamedTuple):
    """A reference, and its number in the batch."""

    n: int
    kind: str
    value: str


class ExternalId(NamedTuple):
    """An id at an ad platform."""

    platform: str
    external_id: str


# One statement whatever the kinds, so that a batch of leads asks once.
RESOLVE = bulk.Statement(
    """
SELECT r.n, c.id, c.channel
FROM {r} JOIN campaigns c ON c.id = CASE
    WHEN r.kind = 'id' THEN r.value::uuid
    WHEN r.kind = 'utm' THEN (SELECT u.id FROM campaigns u WHERE u.utm_campaign = r.value)
    ELSE (SELECT e.campaign_id FROM campaign_external_ids e
          WHERE e.platform = r.kind AND e.external_id = r.value)
END
""",
    r=bulk.Rows(Campaign, Asked, types={"n": "int", "kind": "text", "value": "text"}),
)
OWNERS = bulk.Statement(
    "SELECT platform, external_id, campaign_id FROM campaign_external_ids "
    "JOIN {p} USING (platform, external_id)",
    p=bulk.Rows(CampaignExternalId, ExternalId),
)


async def resolve(
    session: AsyncSession, references: Sequence[CampaignReference]
) -> dict[CampaignReference, CampaignFacts]:
    """The campaigns these references name. A reference nobody registered is simply not in the answer."""
    asked = [reference for reference in dict.fromkeys(references) if is_sound(reference)]
    if not asked:
        return {}
    connection = await driver(session)
    numbered = [
        Asked(n, r.kind, utm_key(r.value) if r.kind == "utm" else r.value) for n, r in enumerate(asked)
    ]
    rows = await RESOLVE(connection, r=numbered)
    return {asked[row["n"]]: CampaignFacts(row["id"], row["channel"]) for row in rows}


async def channel_by_key(session: AsyncSession, key: str, *, lock: bool = False) -> Channel | None:
    return await session.get(Channel, key, with_for_update=lock)


async def channels(session: AsyncSession) -> Sequence[Channel]:
    return (await session.scalars(select(Channel).order_by(Channel.key))).all()


async def paid_channels(session: AsyncSession) -> set[str]:
    """Keys of the channels where money buys the clicks."""
    connection = await driver(session)
    return {row["key"] for row in await connection.fetch("SELECT key FROM channels WHERE paid")}


async def campaign_by_id(session: AsyncSession, campaign_id: UUID, *, lock: bool = False) -> Campaign | None:
    return await session.get(Campaign, campaign_id, with_for_update=lock)


def campaigns(channel: str | None) -> Select[Campaign]:
    """The campaigns of one channel, or of all."""
    query = select(Campaign)
    return query.where(Campaign.channel == channel) if channel else query


async def external_ids(
    session: AsyncSession, campaign_ids: Iterable[UUID]
) -> dict[UUID, dict[str, list[str]]]:
    """Each campaign's ids at the ad platforms, by platform."""
    query = (
        select(CampaignExternalId)
        .where(CampaignExternalId.campaign_id.in_(list(campaign_ids)))
        .order_by(CampaignExternalId.platform, CampaignExternalId.external_id)
    )
    found: dict[UUID, dict[str, list[str]]] = {}
    for row in (await session.scalars(query)).all():
        found.setdefault(row.campaign_id, {}).setdefault(row.platform, []).append(row.external_id)
    return found


async def campaign_names(session: AsyncSession, campaign_ids: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """Name and channel of each campaign, for reports."""
    rows = await (await driver(session)).fetch(
        "SELECT id, name, channel FROM campaigns WHERE id = ANY($1::uuid[])", list(campaign_ids)
    )
    return {row["id"]: (row["name"], row["channel"]) for row in rows}


async def owner_of_utm(session: AsyncSession, utm_campaign: str) -> UUID | None:
    return await session.scalar(select(Campaign.id).where(Campaign.utm_campaign == utm_campaign))


async def owners_of_external(
    session: AsyncSession, pairs: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], UUID]:
    """Which campaigns hold these (platform, id) pairs."""
    connection = await driver(session)
    rows = await OWNERS(connection, p=[ExternalId(*pair) for pair in pairs])
    return {(row["platform"], row["external_id"]): row["campaign_id"] for row in rows}
