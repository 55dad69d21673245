"""How a deal ends and how its ending is corrected. No database, no clock, no framework."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from services.sales.selling.deals.rules import DISQUALIFIED, LOST, OPEN, WON, DealState, RefusedError
from shared.money import convert

BACKDATING_OF_REPS = timedelta(days=1)  # signed in the evening, entered in the morning


def check_win(deal: DealState, *, needs_payment: bool) -> None:
    """Raises RefusedError unless this deal may be won."""
    _insist_on(deal, OPEN, to="be won")
    if deal.opportunity_at is None:
        raise RefusedError(
            f"The deal is in stage {deal.stage}, before the pipeline; "
            "it must enter a stage that counts as pipeline before it can be won."
        )
    if deal.net_minor <= 0:
        raise RefusedError("The deal is open without an amount; it needs one above 0 to be won.")
    if needs_payment and deal.collected_minor <= 0:
        raise RefusedError("The deal is open and unpaid; a payment must be recorded before it can be won.")


def win(deal: DealState, *, closed_on: date, closed_at: datetime, rate: Decimal, into: str) -> DealState:
    """A won deal. Its net amount is converted here, once; the rate is frozen from now on."""
    return _restated(
        replace(deal, state=WON, closed_on=closed_on, closed_at=closed_at, rate=rate, reporting_currency=into)
    )


def lose(
    deal: DealState, *, reason: str, competitor: str | None, closed_on: date, closed_at: datetime
) -> DealState:
    """A lost deal earns nothing; nothing is converted, so it needs no rate. No money is lost with it."""
    _insist_on(deal, OPEN, to="be lost")
    if deal.collected_minor > 0:
        raise RefusedError(
            "The deal is open and has money of the customer's; void the payment, or book that it was paid "
            "back, and lose it then."
        )
    return replace(
        deal,
        state=LOST,
        reason=reason,
        competitor=competitor,
        closed_on=closed_on,
        closed_at=closed_at,
        version=deal.version + 1,
    )


def disqualify(deal: DealState, *, reason: str, at: datetime) -> DealState:
    """A deal whose lead went back to marketing. It is neither won nor lost."""
    _insist_on(deal, OPEN, to="be disqualified")
    return replace(
        deal,
        state=DISQUALIFIED,
        reason=reason,
        closed_on=at.astimezone(UTC).date(),
        closed_at=at,
        version=deal.version + 1,
    )


def reopen(deal: DealState, *, at: datetime) -> DealState:
    """A won or lost deal, open again: it earns nothing until it closes again. Refunds stay booked.

    A disqualified one stays closed: its lead went back to marketing and may be in its next cycle.
    """
    if deal.state not in (WON, LOST):
        raise RefusedError(f"The deal is {deal.state}; only a won or lost deal can be reopened.")
    return replace(
        deal,
        state=OPEN,
        stage_since=at,
        reason=None,
        competitor=None,
        closed_on=None,
        closed_at=None,
        rate=None,
        reporting_currency=None,
        reporting_minor=0,
        version=deal.version + 1,
    )


def amend(deal: DealState, amount_minor: int) -> DealState:
    """A won deal with another contract value, at the rate of its close."""
    _insist_on(deal, WON, to="be amended")
    if amount_minor < deal.refunded_minor:
        raise RefusedError("The deal is won with refunds above this amount; amend it to at least those.")
    return _restated(replace(deal, amount_minor=amount_minor))


def refund(deal: DealState, amount_minor: int) -> DealState:
    """A won deal that earns less by a net refund, at the rate of its close. Fully refunded, it stays won."""
    _insist_on(deal, WON, to="be refunded")
    if amount_minor > deal.net_minor:
        raise RefusedError("The deal is won for less than this refund; refunds can't exceed its amount.")
    return _restated(replace(deal, refunded_minor=deal.refunded_minor + amount_minor))


def closing_moment(closed_on: date, *, now: datetime) -> datetime:
    """When a deal closed, if only the day is known: now, or the last moment of an earlier day."""
    end_of_day = datetime.combine(closed_on, time.max, tzinfo=UTC)
    return min(now, end_of_day)


def same_day_somewhere(day: date, moment: datetime) -> bool:
    """Whether a moment falls on that day in some time zone of the world."""
    return abs(day - moment.astimezone(UTC).date()) <= timedelta(days=1)


def _insist_on(deal: DealState, state: str, *, to: str) -> None:
    if deal.state != state:
        raise RefusedError(f"The deal is {deal.state}; it must be {state} to {to}.")


def _restated(deal: DealState) -> DealState:
    assert deal.rate is not None
    assert deal.reporting_currency is not None
    reporting = convert(deal.net_minor, deal.currency, deal.rate, deal.reporting_currency)
    return replace(deal, reporting_minor=reporting, version=deal.version + 1)
