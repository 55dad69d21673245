"""Keeping the copy of deals, and booking what they earn to the touches that led to them."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from io import BytesIO
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.funnel.leads import queries as leads
from services.marketing.people.touches import queries as touches
from services.marketing.people.touches.rules import TouchPoint
from services.marketing.revenue.attribution import queries, rules
from services.marketing.revenue.attribution.queries import Booked
from services.marketing.revenue.attribution.rules import MODELS, ClosedDeal, Line
from services.marketing.revenue.attribution.tables import AttributionRule
from shared.database.sessions import driver
from shared.http.etags import check_version

NIL = UUID(int=0)
NULL = "\\N"  # of COPY's text format
INSERT_SETS = """
INSERT INTO credit_sets (deal_id, revision, cause, currency, reporting_currency, amount_delta,
                         reporting_delta, closed_on, models, lookback_days, recorded_at)
SELECT x.*, $1::text[], $2, $3
FROM unnest($4::uuid[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::bigint[], $10::bigint[],
            $11::date[]) AS x
"""
CREDIT_COLUMNS = (
    "deal_id", "revision", "line", "place", "bucket", "touch_id", "campaign_id", "channel", "closed_on",
    "touched_on", "amounts", "reporting_amounts", "deals_ppm",
)  # fmt: skip
# One statement: a change that reached the days has reached their months. Months are few, and everybody
# writes the same ones, so they are locked in one order.
ADD_TO_SUMS = """
WITH changes AS (
    SELECT *, date_trunc('month', day::timestamp)::date AS month
    FROM unnest($1::text[], $2::text[], $3::date[], $4::uuid[], $5::text[], $6::text[], $7::text[],
                $8::bigint[], $9::bigint[])
         AS x(basis, currency, day, campaign_id, channel, bucket, model, revenue_minor, deals_ppm)
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
"""


class CurrencyChangedError(ValueError):
    """A closed deal can't change its currency: what is booked in one is no part of the other."""


async def book(session: AsyncSession, deals: Sequence[ClosedDeal], *, now: datetime) -> None:
    """Bring the ledger to what these deals are worth now; one credit set per deal and version.

    The caller has called `queries.take_turns`, and has made sure that these versions are new.
    """
    if not deals:
        return
    lookback = await queries.lookback(session)
    ledger = await queries.booked(session, [deal.deal_id for deal in deals])
    journeys = await _journeys(session, deals, ledger, lookback)
    written = [
        (deal, lines_of(deal, journeys.get(deal.deal_id, []), ledger.get(deal.deal_id))) for deal in deals
    ]
    await _save(session, written, lookback, now=now)


async def _journeys(
    session: AsyncSession, deals: Sequence[ClosedDeal], ledger: dict[UUID, Booked], lookback: timedelta
) -> dict[UUID, list[TouchPoint]]:
    """A close looks at the touches; a correction splits over the journey the close has found."""
    won = [deal for deal in deals if deal.won]
    known = {
        deal.deal_id: ledger[deal.deal_id].journey
        for deal in won
        if deal.cause != "closed" and deal.deal_id in ledger and ledger[deal.deal_id].split_at
    }
    fresh = [deal for deal in won if deal.deal_id not in known]
    lead_ids = [deal.lead_id for deal in fresh if deal.lead_id and not deal.contact_ids]
    contacts = await leads.contacts_of(session, lead_ids) if lead_ids else {}
    asked = [
        (deal.deal_id, contact_id, deal.closed_at)
        for deal in fresh
        for contact_id in set(deal.contact_ids) or _only(contacts.get(deal.lead_id or NIL))
    ]
    found = await touches.journeys(session, asked, lookback) if asked else {}
    return found | (await touches.journeys_again(session, known) if known else {})


def _only(contact_id: UUID | None) -> set[UUID]:
    return {contact_id} if contact_id else set()


def lines_of(deal: ClosedDeal, journey: Sequence[TouchPoint], booked: Booked | None) -> list[Line]:
    """What one version of a deal changes in the ledger. Raises CurrencyChangedError."""
    before = booked.shares if booked else {}
    if booked and booked.currencies != (deal.currency, deal.reporting_currency):
        if not booked.is_zero:
            raise CurrencyChangedError(
                f"Deal {deal.deal_id} was booked in {' and '.join(booked.currencies)}."
            )
        before = {}  # reopened meanwhile: the old currency's credits are taken back already
    exact = {}
    if deal.won:
        weights = rules.weights_of(journey, tuple(MODELS))
        exact = dict(zip(rules.spots_of(deal, journey), rules.shares_of(deal.worth, weights), strict=True))
    return rules.book(exact, before)


async def _save(
    session: AsyncSession,
    written: Sequence[tuple[ClosedDeal, list[Line]]],
    lookback: timedelta,
    *,
    now: datetime,
) -> None:
    connection = await driver(session)
    deals = [deal for deal, _ in written]
    changes = [[line.shares for line in lines] for _, lines in written]
    await connection.execute(
        INSERT_SETS,
        list(MODELS),
        lookback.days,
        now,
        [deal.deal_id for deal in deals],
        [deal.version for deal in deals],
        [deal.cause for deal in deals],
        [deal.currency for deal in deals],
        [deal.reporting_currency for deal in deals],
        [sum(shares.amounts[0] for shares in several) for several in changes],
        [sum(shares.reporting[0] for shares in several) for several in changes],
        [deal.closed_on for deal in deals],
    )
    # As text, because the driver looks at every number of every array before it sends it.
    rows = "".join(_as_text(deal, lines) for deal, lines in written).encode()
    await connection.copy_to_table("credits", columns=CREDIT_COLUMNS, source=BytesIO(rows))
    days = rules.sums_by_day(written)
    if days:
        await connection.execute(ADD_TO_SUMS, *map(list, zip(*days, strict=True)))


def _as_text(deal: ClosedDeal, lines: Iterable[Line]) -> str:
    """The rows of one set in the text format of COPY."""
    rows = []
    for number, (place, spot, shares) in enumerate(lines, start=1):
        values = (deal.deal_id, deal.version, number, place, *spot, *map(_array, shares))
        rows.append("\t".join([NULL if value is None else str(value) for value in values]))
    return "".join([row + "\n" for row in rows])


def _array(numbers: Iterable[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"


async def put_rule(
    session: AsyncSession, lookback_days: int, *, by: str, if_match: int | None, now: datetime
) -> AttributionRule:
    """A new version of the rule journeys are cut by; what is booked stays as it is."""
    current = await queries.current_rule(session, lock=True)
    version = current.version if current else 0
    check_version(if_match, version)
    rule = AttributionRule(version=version + 1, lookback_days=lookback_days, created_by=by, active_from=now)
    session.add(rule)
    await session.flush()
    return rule
