from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.sales.selling.closing import rules
from services.sales.selling.deals.rules import DealState, RefusedError, StageFacts, move, price
from shared.money import convert
from tests.sales.deal_states import open_deal
from tests.support.samples import NOON

DAY = NOON.date()
RATE = Decimal("0.9215")


def in_pipeline(**changes: Any) -> DealState:
    return replace(open_deal(), stage="demo", opportunity_at=NOON, amount_minor=100_001, **changes)


def won(**changes: Any) -> DealState:
    deal = in_pipeline(currency="USD", **changes)
    return rules.win(deal, closed_on=DAY, closed_at=NOON, rate=RATE, into="EUR")


def test_a_won_deal_is_converted_once_and_its_rate_is_frozen() -> None:
    deal = won()

    assert (deal.state, deal.reporting_minor, deal.rate) == ("won", 92151, RATE)
    assert deal.reporting_minor == convert(100_001, "USD", RATE, "EUR")


@pytest.mark.parametrize(
    ("deal", "why"),
    [
        (replace(in_pipeline(), state="lost"), "lost; it must be open to be won"),
        (replace(in_pipeline(), opportunity_at=None), "before the pipeline"),
        (replace(in_pipeline(), amount_minor=0), "without an amount"),
        (replace(in_pipeline(), refunded_minor=100_001), "without an amount"),
        (replace(in_pipeline(), amount_minor=1), None),
    ],
)
def test_a_win_needs_an_open_opportunity_with_an_amount(deal: DealState, why: str | None) -> None:
    if why is None:
        rules.check_win(deal, needs_payment=False)
        return
    with pytest.raises(RefusedError, match=why):
        rules.check_win(deal, needs_payment=False)


def test_where_payment_is_asked_for_an_unpaid_deal_is_not_won() -> None:
    with pytest.raises(RefusedError, match="unpaid"):
        rules.check_win(in_pipeline(), needs_payment=True)
    rules.check_win(in_pipeline(collected_minor=1), needs_payment=True)


def test_refunds_go_up_to_the_amount_and_a_fully_refunded_deal_stays_won() -> None:
    deal = rules.refund(won(), 100_000)
    with pytest.raises(RefusedError, match="can't exceed"):
        rules.refund(deal, 2)

    deal = rules.refund(deal, 1)

    assert (deal.state, deal.net_minor, deal.reporting_minor) == ("won", 0, 0)


def test_an_amendment_may_not_fall_below_the_refunds() -> None:
    deal = rules.refund(won(), 400)

    assert rules.amend(deal, 400).net_minor == 0
    with pytest.raises(RefusedError, match="refunds above"):
        rules.amend(deal, 399)


def test_only_won_deals_are_amended_and_refunded() -> None:
    for command in (rules.amend, rules.refund):
        with pytest.raises(RefusedError, match="open; it must be won"):
            command(in_pipeline(), 1)


def test_a_reopened_deal_earns_nothing_and_keeps_its_refunds() -> None:
    deal = rules.reopen(rules.refund(won(), 400), at=NOON)

    assert (deal.state, deal.reporting_minor, deal.refunded_minor, deal.closed_on) == ("open", 0, 400, None)


@pytest.mark.parametrize("state", ["open", "disqualified"])
def test_only_won_and_lost_deals_are_reopened(state: str) -> None:
    with pytest.raises(RefusedError, match=f"{state}; only a won or lost"):
        rules.reopen(replace(open_deal(), state=state), at=NOON)


def test_the_moment_of_a_close_of_which_the_day_is_known() -> None:
    assert rules.closing_moment(DAY, now=NOON) == NOON
    yesterday = rules.closing_moment(DAY - timedelta(days=1), now=NOON)
    assert yesterday == datetime(2026, 3, 1, 23, 59, 59, 999999, tzinfo=UTC)


class AnyLife(RuleBasedStateMachine):
    """Whatever people try with a deal, in any order: no fact number is left out, and the money agrees."""

    def __init__(self) -> None:
        super().__init__()
        self.deal = replace(open_deal(), currency="USD")
        self.facts = 1

    def attempt(self, after: DealState | None) -> None:
        if after is not None:
            self.facts += after.version - self.deal.version
            self.deal = after

    @rule(stage=st.sampled_from(["new", "demo", "proposal"]))
    def moves(self, stage: str) -> None:
        facts = StageFacts(stage, 50, counts_as_pipeline=stage != "new")
        self.attempt(self.told(lambda: move(self.deal, facts, at=NOON)))

    @rule(amount=st.integers(0, 10**9), currency=st.sampled_from(["USD", "USD", "JPY"]))
    def is_priced(self, amount: int, currency: str) -> None:
        after = self.unless_refused(lambda: price(self.deal, amount, currency))
        assert after is None or after.version == self.deal.version
        self.attempt(after)

    @rule(rate=st.decimals("0.000000000001", "1000", places=12))
    def is_won(self, rate: Decimal) -> None:
        def win() -> DealState:
            rules.check_win(self.deal, needs_payment=False)
            return rules.win(self.deal, closed_on=DAY, closed_at=NOON, rate=rate, into="EUR")

        self.attempt(self.told(win))

    @rule()
    def is_lost(self) -> None:
        self.attempt(
            self.told(
                lambda: rules.lose(self.deal, reason="price", competitor=None, closed_on=DAY, closed_at=NOON)
            )
        )

    @rule()
    def is_reopened(self) -> None:
        self.attempt(self.told(lambda: rules.reopen(self.deal, at=NOON)))

    @rule(amount=st.integers(1, 10**9))
    def is_amended(self, amount: int) -> None:
        self.attempt(self.told(lambda: rules.amend(self.deal, amount)))

    @rule(amount=st.integers(1, 10**9), of_net=st.booleans())
    def is_refunded(self, amount: int, of_net: bool) -> None:
        if of_net and self.deal.net_minor:
            amount = 1 + amount % self.deal.net_minor
        self.attempt(self.told(lambda: rules.refund(self.deal, amount)))

    @rule(sure=st.integers(0, 20))
    def is_given_back(self, sure: int) -> None:
        if sure == 20:  # rare, since nothing happens to a deal after it
            self.attempt(self.told(lambda: rules.disqualify(self.deal, reason="spam", at=NOON)))

    def unless_refused(self, command: Any) -> DealState | None:
        try:
            after: DealState = command()
        except RefusedError:
            return None
        return after

    def told(self, command: Any) -> DealState | None:
        """A command that succeeds tells exactly one fact."""
        after = self.unless_refused(command)
        assert after is None or after.version == self.deal.version + 1
        return after

    @invariant()
    def the_facts_have_no_gap(self) -> None:
        assert self.deal.version == self.facts

    @invariant()
    def the_money_agrees(self) -> None:
        deal = self.deal
        assert 0 <= deal.refunded_minor <= deal.amount_minor
        if deal.state == "won":
            assert deal.rate is not None
            assert deal.opportunity_at is not None
            assert deal.reporting_minor == convert(deal.net_minor, deal.currency, deal.rate, "EUR")
        else:
            assert (deal.reporting_minor, deal.rate) == (0, None)

    @invariant()
    def a_close_has_a_day_and_an_open_deal_has_none(self) -> None:
        assert (self.deal.state == "open") == (self.deal.closed_on is None)


AnyLife.TestCase.settings = settings(max_examples=80, stateful_step_count=25, deadline=None)
TestAnyLife = AnyLife.TestCase


def test_the_day_of_a_disqualification_is_the_day_of_the_return() -> None:
    deal = rules.disqualify(open_deal(), reason="no_budget", at=NOON)

    assert (deal.closed_on, deal.reason) == (date(2026, 3, 2), "no_budget")
