"""Closing a deal and correcting a closing: one function per way it ends, and per correction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.reference.lists.use_cases import choose
from services.sales.reference.rates.queries import rate_on
from services.sales.reference.rates.rules import show_rate
from services.sales.selling.access import CORRECTIONS, DEALS
from services.sales.selling.closing import rules
from services.sales.selling.closing.schemas import AmendForm, LossForm, RefundForm, ReopenForm, WinForm
from services.sales.selling.closing.tables import Refund
from services.sales.selling.deals import queries
from services.sales.selling.deals.rules import (
    DISQUALIFIED,
    WON,
    DealState,
    earliest_today,
    latest_today,
    price,
)
from services.sales.selling.deals.tables import Deal
from services.sales.selling.deals.trail import record
from services.sales.selling.deals.use_cases import MANAGERS, moment, refusals_are_conflicts, take
from services.sales.settings import reporting_currency
from shared.auth.access import Caller
from shared.errors import ConflictError, ForbiddenError, InvalidError
from shared.events.sales import DealAmended, DealClosed
from shared.messaging import outbox


@dataclass(frozen=True, slots=True)
class Command:
    """Who wants which deal changed, and the revision they saw."""

    caller: Caller
    deal_id: UUID
    if_match: int | None
    now: datetime


async def win_deal(session: AsyncSession, command: Command, form: WinForm, *, needs_payment: bool) -> Deal:
    """Win a deal: its amount is converted with the rate of the closing day, which is frozen from now on."""
    deal = await take(session, command.caller, command.deal_id, DEALS.change, if_match=command.if_match)
    closed_on, closed_at = _close_of(command, form)
    before = deal.deal_state
    with refusals_are_conflicts():
        if form.amount is not None:
            before = price(before, form.amount.minor, form.amount.currency)
        rules.check_win(before, needs_payment=needs_payment)
    into = reporting_currency()
    rate = await rate_on(session, before.currency, into, closed_on)
    if rate is None:
        raise ConflictError(
            f"The deal is in {before.currency} and no rate to {into} is set for {closed_on}. "
            f'POST /v1/exchange-rates with base "{before.currency}", quote "{into}" and valid_on '
            f'"{closed_on}" or earlier, then win the deal.'
        )
    after = rules.win(before, closed_on=closed_on, closed_at=closed_at, rate=rate, into=into)
    record(session, deal, after, fact=WON, by=command.caller.subject, at=closed_at)
    await outbox.stage(session, [deal_closed(deal)])
    return deal


async def lose_deal(session: AsyncSession, command: Command, form: LossForm) -> Deal:
    """Lose a deal, with the reason and the competitor who got it."""
    await choose(session, "loss_reasons", form.reason, at="/reason", note=form.note)
    if form.competitor is not None:
        await choose(session, "competitors", form.competitor, at="/competitor", note=form.note)
    deal = await take(session, command.caller, command.deal_id, DEALS.change, if_match=command.if_match)
    closed_on, closed_at = _close_of(command, form)
    with refusals_are_conflicts():
        after = rules.lose(
            deal.deal_state,
            reason=form.reason,
            competitor=form.competitor,
            closed_on=closed_on,
            closed_at=closed_at,
        )
    record(session, deal, after, fact="lost", by=command.caller.subject, at=closed_at, why=form.note)
    await outbox.stage(session, [deal_closed(deal)])
    return deal


async def reopen_deal(session: AsyncSession, command: Command, form: ReopenForm) -> Deal:
    """Open a won or lost deal again. It earns nothing until it closes again."""
    at = moment(command.caller, form.occurred_at, CORRECTIONS.change, now=command.now)
    return await _amended(session, command, "reopened", at, lambda deal: rules.reopen(deal, at=at))


async def amend_deal(session: AsyncSession, command: Command, form: AmendForm) -> Deal:
    """Correct a won deal's contract value, at the rate of its close."""
    at = moment(command.caller, form.occurred_at, CORRECTIONS.change, now=command.now)

    def decide(deal: DealState) -> DealState:
        _insist_on_currency(deal, form.amount.currency)
        return rules.amend(deal, form.amount.minor)

    return await _amended(session, command, "amended", at, decide)


async def refund_deal(session: AsyncSession, command: Command, form: RefundForm) -> Deal:
    """Book a refund's net share: the deal earns that much less, at the rate of its close."""
    at = moment(command.caller, form.occurred_at, CORRECTIONS.change, now=command.now)

    def decide(deal: DealState) -> DealState:
        _insist_on_currency(deal, form.amount.currency)
        return rules.refund(deal, form.amount.minor)

    deal = await _amended(session, command, "refunded", at, decide)
    session.add(
        Refund(
            deal_id=deal.id,
            version=deal.version,
            amount_minor=form.amount.minor,
            refunded_on=at.astimezone(UTC).date(),
            reason=form.reason,
            by=command.caller.subject,
        )
    )
    return deal


async def _amended(
    session: AsyncSession,
    command: Command,
    cause: str,
    at: datetime,
    decide: Callable[[DealState], DealState],
) -> Deal:
    deal = await take(session, command.caller, command.deal_id, CORRECTIONS.change, if_match=command.if_match)
    before = deal.deal_state
    if before.closed_at is not None and at < before.closed_at:
        raise InvalidError(
            f"The deal closed at {before.closed_at.isoformat()}; nothing of that is corrected before it.",
            errors=[{"pointer": "/occurred_at", "detail": "Lies before the close."}],
        )
    if cause == "reopened" and await queries.has_open_deal(session, deal):
        raise ConflictError(
            "The lead came back, and its new deal is open; work that one, or lose it before you reopen this."
        )
    with refusals_are_conflicts():
        after = decide(before)
    record(session, deal, after, fact=cause, by=command.caller.subject, at=at)
    event = DealAmended(
        **_amounts(deal, before),
        cause=cause,
        outcome=WON if after.state == WON else None,
        refunded_minor=after.refunded_minor,
        amended_at=at,
    )
    await outbox.stage(session, [event])
    return deal


def disqualify(
    session: AsyncSession, deal: Deal, *, reason: str, by: str, at: datetime, traceparent: str | None = None
) -> DealClosed:
    """Close an open deal, which is locked, as neither won nor lost. The caller stages the fact."""
    after = rules.disqualify(deal.deal_state, reason=reason, at=at)
    record(session, deal, after, fact=DISQUALIFIED, by=by, at=at)
    return deal_closed(deal, traceparent=traceparent)


def deal_closed(deal: Deal, *, traceparent: str | None = None) -> DealClosed:
    """The fact that a deal, as it stands now, has ended."""
    return DealClosed(
        **_amounts(deal, deal.deal_state), outcome=deal.state, reason=deal.reason, traceparent=traceparent
    )


def _amounts(deal: Deal, closed: DealState) -> dict[str, Any]:
    """What the deal is worth now; day, moment and rate are those of the close that is told or corrected."""
    into = closed.reporting_currency or reporting_currency()
    # Nothing is converted unless a deal is won, so nobody insists on a rate: 0 says there is none.
    rate = closed.rate if closed.rate is not None else int(deal.currency == into)
    return {
        "version": deal.version,
        "deal_id": deal.id,
        "lead_id": deal.lead_id,
        "cycle": deal.cycle,
        "contact_ids": tuple(deal.contact_ids),
        "company_id": deal.company_id,
        "origin": deal.origin,
        "rep_id": deal.rep_id,
        "sourced_by": deal.sourced_by,
        "amount_minor": deal.deal_state.net_minor if deal.state == WON else 0,
        "currency": deal.currency,
        "reporting_amount_minor": deal.reporting_minor,
        "reporting_currency": into,
        "rate": show_rate(rate),
        "closed_on": closed.closed_on,
        "closed_at": closed.closed_at,
    }


def _close_of(command: Command, form: WinForm | LossForm) -> tuple[date, datetime]:
    """The day and the moment of a close. Raises ForbiddenError, InvalidError."""
    at = moment(command.caller, form.occurred_at, DEALS.change, now=command.now)
    closed_on = form.closed_on or at.astimezone(UTC).date()
    if form.occurred_at and not rules.same_day_somewhere(closed_on, at):
        raise InvalidError(
            "The day and the moment of the close don't agree; one of them is enough.",
            errors=[{"pointer": "/closed_on", "detail": "Is not the day of occurred_at."}],
        )
    if closed_on > latest_today(command.now):
        raise InvalidError(
            "A deal can't be closed ahead of time.",
            errors=[{"pointer": "/closed_on", "detail": "Lies in the future."}],
        )
    earliest = earliest_today(command.now) - rules.BACKDATING_OF_REPS
    if closed_on < earliest and not DEALS.change.by(command.caller, *MANAGERS):
        raise ForbiddenError(
            f"A rep closes deals on {earliest} or later; ask your manager to enter this one."
        )
    return closed_on, at if form.occurred_at else rules.closing_moment(closed_on, now=command.now)


def _insist_on_currency(deal: DealState, currency: str) -> None:
    if currency != deal.currency:
        raise InvalidError(
            f"The deal is in {deal.currency}; give the amount in it.",
            errors=[{"pointer": "/amount/currency", "detail": f"Must be {deal.currency}."}],
        )
