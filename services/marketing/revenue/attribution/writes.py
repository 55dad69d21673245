"""The set-based writes of the ledger and of its sums. Credits go in by COPY: there are many to a deal."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from uuid import UUID

from services.marketing.acquisition.campaigns.rules import NIL
from services.marketing.revenue.attribution.rules import Cause, ClosedDeal, Line, Sum
from services.marketing.revenue.attribution.tables import CampaignDay, CreditSet
from shared.database import bulk
from shared.database.sessions import Driver

NULL = "\\N"  # of COPY's text format


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditSetRow:
    """What one version of a deal changes in the ledger, as a whole."""

    deal_id: UUID
    revision: int
    cause: Cause
    currency: str
    reporting_currency: str
    amount_delta: int
    reporting_delta: int
    closed_on: date


INSERT_SETS = bulk.insert(CreditSet, CreditSetRow, constants=("models", "lookback_days", "recorded_at"))
CREDIT_COLUMNS = (
    "deal_id", "revision", "line", "place", "bucket", "touch_id", "campaign_id", "channel", "closed_on",
    "touched_on", "amounts", "reporting_amounts", "deals_ppm",
)  # fmt: skip
# One statement: a change that reached the days has reached their months. Months are few, and everybody
# writes the same ones, so they are locked in one order.
ADD_TO_SUMS = bulk.Statement(
    """
WITH changes AS (
    SELECT *, date_trunc('month', day::timestamp)::date AS month FROM {added}
), days AS (
    INSERT INTO campaign_days AS d (basis, currency, model, day, campaign_id, channel, bucket,
                                    revenue_minor, deals_ppm)
    SELECT basis, currency, model, day, campaign_id, channel, bucket, revenue_minor, deals_ppm FROM changes
    ON CONFLICT (basis, currency, model, day, campaign_id, channel, bucket) DO UPDATE
    SET revenue_minor = d.revenue_minor + excluded.revenue_minor,
        deals_ppm = d.deals_ppm + excluded.deals_ppm
)
INSERT INTO campaign_months AS m (basis, currency, model, month, campaign_id, channel, bucket,
                                  revenue_minor, deals_ppm)
SELECT basis, currency, model, month, campaign_id, channel, bucket, sum(revenue_minor), sum(deals_ppm)
FROM changes GROUP BY basis, currency, model, month, campaign_id, channel, bucket
ORDER BY basis, currency, model, month, campaign_id, channel, bucket
ON CONFLICT (basis, currency, model, month, campaign_id, channel, bucket) DO UPDATE
SET revenue_minor = m.revenue_minor + excluded.revenue_minor, deals_ppm = m.deals_ppm + excluded.deals_ppm
""",
    added=bulk.Rows(CampaignDay, Sum),
)


def set_row(deal: ClosedDeal, lines: Sequence[Line]) -> CreditSetRow:
    return CreditSetRow(
        deal_id=deal.deal_id,
        revision=deal.version,
        cause=deal.cause,
        currency=deal.currency,
        reporting_currency=deal.reporting_currency,
        amount_delta=sum(line.shares.amounts[0] for line in lines),
        reporting_delta=sum(line.shares.reporting[0] for line in lines),
        closed_on=deal.closed_on,
    )


async def copy_credits(connection: Driver, written: Iterable[tuple[ClosedDeal, Sequence[Line]]]) -> None:
    # As text, because the driver looks at every number of every array before it sends it.
    rows = "".join(_as_text(deal, lines) for deal, lines in written).encode()
    await connection.copy_to_table("credits", columns=CREDIT_COLUMNS, source=BytesIO(rows))


def _as_text(deal: ClosedDeal, lines: Iterable[Line]) -> str:
    """The rows of one set in the text format of COPY."""
    rows = []
    for number, (place, spot, shares) in enumerate(lines, start=1):
        values = (deal.deal_id, deal.version, number, place, *spot, *map(_array, shares))
        rows.append("\t".join([NULL if value is None else str(value) for value in values]))
    return "".join([row + "\n" for row in rows])


def _array(numbers: Iterable[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"


SUMMED = f"""
SELECT b.basis, s.reporting_currency AS currency, b.day, coalesce(c.campaign_id, '{NIL}') AS campaign_id,
       coalesce(c.channel, '') AS channel, c.bucket, m.model,
       -sum(c.reporting_amounts[m.place])::bigint AS revenue, -sum(c.deals_ppm[m.place])::bigint AS deals
FROM credits c JOIN credit_sets s USING (deal_id, revision),
     unnest(s.models) WITH ORDINALITY AS m(model, place),
     LATERAL (VALUES ('closed', c.closed_on), ('touched', c.touched_on)) AS b(basis, day)
WHERE c.deal_id = ANY($1::uuid[])
GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7
"""


async def forget_credits(connection: Driver, deal_ids: Collection[UUID]) -> None:
    """Take all that was booked for these deals out of the ledger and its sums, as if it had never been."""
    ids = list(deal_ids)
    added = [Sum(*row) for row in await connection.fetch(SUMMED, ids)]
    await ADD_TO_SUMS(connection, added=added)
    await connection.execute("DELETE FROM credits WHERE deal_id = ANY($1::uuid[])", ids)
    await connection.execute("DELETE FROM credit_sets WHERE deal_id = ANY($1::uuid[])", ids)
