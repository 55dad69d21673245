"""Every SELECT on the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import asyncpg
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.revenue.attribution.rules import MODELS, CreditTarget, Shares
from services.marketing.revenue.attribution.tables import AttributionRule, CreditSet
from shared.database.sessions import driver

# The sums of a day are shared by all deals: whoever books takes turns, so that nobody deadlocks.
TAKE_TURNS = "SELECT pg_advisory_xact_lock(hashtext('marketing.credits'))"
LOOKBACK = (
    "SELECT lookback_days FROM attribution_rules WHERE active_from <= now() ORDER BY version DESC LIMIT 1"
)
LEDGER = """
SELECT c.deal_id, c.revision, c.place, s.models, c.bucket, c.touch_id, c.campaign_id, c.channel, c.closed_on,
       c.touched_on, c.amounts, c.reporting_amounts, c.deals_ppm, s.cause, s.currency, s.reporting_currency
FROM credits c JOIN credit_sets s USING (deal_id, revision)
WHERE c.deal_id = ANY($1::uuid[]) ORDER BY c.deal_id, c.revision, c.line
"""


@dataclass(slots=True)
class Booked:
    """What the ledger says of one deal: the sum at each spot, and the journey of its last split."""

    currencies: tuple[str, str] = ("", "")
    shares: dict[CreditTarget, Shares] = field(default_factory=dict)
    journey: list[UUID] = field(default_factory=list)
    split_at: int = 0  # the revision that last split the deal over its journey

    def read(self, row: asyncpg.Record, models: Sequence[str]) -> None:
        self.currencies = (row["currency"], row["reporting_currency"])
        spot = CreditTarget(*row[4:10])
        shares = _in_order(row, models)
        self.shares[spot] = self.shares[spot].plus(shares) if spot in self.shares else shares
        if row["place"] is None:
            return
        if row["revision"] != self.split_at:
            self.split_at, self.journey = row["revision"], []
        if row["touch_id"] is not None:
            self.journey.append(row["touch_id"])

    @property
    def is_zero(self) -> bool:
        return all(shares.is_zero for shares in self.shares.values())


def _in_order(row: asyncpg.Record, models: Sequence[str]) -> Shares:
    """A row's shares in the order asked for: an older set may know fewer models."""
    parts = (row["amounts"], row["reporting_amounts"], row["deals_ppm"])
    if tuple(row["models"]) == models:
        return Shares(*map(tuple, parts))
    place = {model: number for number, model in enumerate(row["models"])}
    return Shares(*(tuple(part[place[m]] if m in place else 0 for m in models) for part in parts))


async def take_turns(session: AsyncSession) -> None:
    """Wait until no other transaction books credits."""
    await (await driver(session)).execute(TAKE_TURNS)


async def lookback(session: AsyncSession) -> timedelta:
    """How far before its close a deal's journey may begin, for closes from now on."""
    return timedelta(days=await (await driver(session)).fetchval(LOOKBACK))


async def booked(session: AsyncSession, deal_ids: Sequence[UUID]) -> dict[UUID, Booked]:
    """The ledger's state of these deals. A deal nothing was booked for is not in the answer."""
    models = tuple(MODELS)
    found: dict[UUID, Booked] = {}
    for row in await (await driver(session)).fetch(LEDGER, deal_ids):
        found.setdefault(row["deal_id"], Booked()).read(row, models)
    return found


async def credit_sets(session: AsyncSession, deal_id: UUID) -> Sequence[CreditSet]:
    query = select(CreditSet).where(CreditSet.deal_id == deal_id).order_by(CreditSet.revision)
    return (await session.scalars(query)).all()


async def current_rule(session: AsyncSession, *, lock: bool = False) -> AttributionRule | None:
    query = select(AttributionRule).order_by(AttributionRule.version.desc()).limit(1)
    return await session.scalar(query.with_for_update() if lock else query)
