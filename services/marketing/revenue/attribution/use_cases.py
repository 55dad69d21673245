"""Booking what closed deals earn to the touches that led to them, and changing the rule for it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.funnel.leads import queries as leads
from services.marketing.people.touches import queries as touches
from services.marketing.people.touches.queries import Asked
from services.marketing.people.touches.rules import TouchPoint
from services.marketing.revenue.attribution import queries, rules
from services.marketing.revenue.attribution.queries import Booked
from services.marketing.revenue.attribution.rules import MODELS, ClosedDeal, Line
from services.marketing.revenue.attribution.tables import AttributionRule
from services.marketing.revenue.attribution.writes import ADD_TO_SUMS, INSERT_SETS, copy_credits, set_row
from shared.database.sessions import driver
from shared.http.etags import check_version


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
        Asked(deal.deal_id, contact_id, deal.closed_at)
        for deal in fresh
        for contact_id in set(deal.contact_ids) or _only(contacts.get(deal.lead_id) if deal.lead_id else None)
    ]
    found = await touches.journeys(session, asked, lookback) if asked else {}
    again = await touches.journeys_again(session, known) if known else {}
    return found | {deal_id: as_booked(journey, ledger[deal_id]) for deal_id, journey in again.items()}


def as_booked(journey: Sequence[TouchPoint], booked: Booked) -> list[TouchPoint]:
    """The journey with the campaigns and channels it was credited to: a campaign that has claimed a touch
    since the close gets nothing of that deal by its next correction."""
    targets = {target.touch_id: target for target, shares in booked.shares.items() if not shares.is_zero}
    return [
        touch._replace(campaign_id=target.campaign_id, channel=target.channel or touch.channel)
        if (target := targets.get(touch.id)) is not None
        else touch
        for touch in journey
    ]


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
    await INSERT_SETS(
        connection,
        [set_row(deal, lines) for deal, lines in written],
        models=list(MODELS),
        lookback_days=lookback.days,
        recorded_at=now,
    )
    await copy_credits(connection, written)
    await ADD_TO_SUMS(connection, added=rules.sums_by_day(written))


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
