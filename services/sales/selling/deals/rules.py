"""What may happen to an open deal. No database, no clock, no framework."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Literal

PaymentState = Literal["unpaid", "underpaid", "paid", "overpaid"]
OPEN, WON, LOST, DISQUALIFIED = "open", "won", "lost", "disqualified"


class RefusedError(Exception):
    """The deal's state forbids the change. The message names the state it is in and the one needed."""


@dataclass(frozen=True, slots=True)
class StageFacts:
    """A stage, as far as a deal's rules care. `probability` in percent."""

    key: str
    probability: int
    counts_as_pipeline: bool
    qualifies: bool = False


@dataclass(frozen=True, slots=True)
class DealState:
    """Where a deal stands. Amounts in minor units of `currency`, net of tax."""

    state: str
    stage: str
    stage_since: datetime
    qualified_at: datetime | None
    opportunity_at: datetime | None
    currency: str
    amount_minor: int  # the contract's value, before refunds
    refunded_minor: int
    collected_minor: int
    closed_on: date | None
    closed_at: datetime | None
    reason: str | None
    competitor: str | None
    rate: Decimal | None  # reporting currency per unit of `currency`, frozen when it was won
    reporting_currency: str | None
    reporting_minor: int  # the net amount converted once at the frozen rate; 0 unless won
    version: int  # counts the facts told about the deal

    @property
    def net_minor(self) -> int:
        """What the customer owes after refunds."""
        return self.amount_minor - self.refunded_minor


def move(deal: DealState, stage: StageFacts, *, at: datetime) -> DealState:
    """The deal in another stage. The first that qualifies makes its lead an SQL, the first that counts as
    pipeline makes it an opportunity: each for good.
    """
    if deal.state != OPEN:
        raise RefusedError(f"The deal is {deal.state}; only an open deal can move to stage {stage.key}.")
    if deal.stage == stage.key:
        raise RefusedError(f"The deal is in stage {deal.stage} already; it can move to any other stage.")
    becomes_opportunity = stage.counts_as_pipeline and deal.opportunity_at is None
    return replace(
        deal,
        stage=stage.key,
        stage_since=at,
        qualified_at=at if stage.qualifies and deal.qualified_at is None else deal.qualified_at,
        opportunity_at=at if becomes_opportunity else deal.opportunity_at,
        version=deal.version + 1,
    )


def price(deal: DealState, amount_minor: int, currency: str) -> DealState:
    """An open deal with another expected amount. No fact is told: only closing makes an amount count."""
    if deal.state != OPEN:
        raise RefusedError(f"The deal is {deal.state}; only an open deal is edited. Amend a won one.")
    if currency != deal.currency and (deal.refunded_minor or deal.collected_minor):
        raise RefusedError(f"The deal has money booked in {deal.currency}; it can't change to {currency}.")
    if amount_minor < deal.refunded_minor:
        raise RefusedError("The deal has refunds above this amount; its amount can't be below them.")
    return replace(deal, amount_minor=amount_minor, currency=currency)


def due_minor(state: str, amount_minor: int, refunded_minor: int, gross_minor: int | None) -> int:
    """What the customer has to pay in all: the gross amount, less the gross share of refunds, half up.

    Without a gross amount the net one. Of a deal that came to nothing: nothing.
    """
    if state not in (OPEN, WON):
        return 0
    net = amount_minor - refunded_minor
    if gross_minor is None or amount_minor == 0:
        return net
    return (2 * gross_minor * net + amount_minor) // (2 * amount_minor)


def payment_state(
    state: str, amount_minor: int, refunded_minor: int, gross_minor: int | None, collected_minor: int
) -> PaymentState | None:
    """How what was paid stands to what is due; None: nothing is due yet, or ever."""
    due = due_minor(state, amount_minor, refunded_minor, gross_minor)
    if collected_minor > due and not (state == OPEN and amount_minor == 0):
        return "overpaid"
    if state != WON:
        return None
    if collected_minor == due:
        return "paid"
    return "underpaid" if collected_minor else "unpaid"


def latest_today(now: datetime) -> date:
    """The day it is where it is latest, at UTC+14: nobody's today lies in the future."""
    return (now.astimezone(UTC) + timedelta(hours=14)).date()


def earliest_today(now: datetime) -> date:
    """The day it is where it is earliest, at UTC-12."""
    return (now.astimezone(UTC) - timedelta(hours=12)).date()


def is_push(before: date | None, after: date | None) -> bool:
    """Whether an expected close was put off to a later day."""
    return before is not None and after is not None and after > before


def hand_over(deal: DealState) -> DealState:
    """The deal in somebody else's hands. A disqualified one is back in marketing's."""
    if deal.state == DISQUALIFIED:
        raise RefusedError("The deal is disqualified: its lead went back to marketing, so nobody takes it.")
    return replace(deal, version=deal.version + 1)


def seconds_between(start: datetime, end: datetime) -> int:
    """Whole seconds in a stage; a backdated move never gives a negative time."""
    return max(0, int((end - start).total_seconds()))
