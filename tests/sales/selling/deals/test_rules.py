from dataclasses import replace
from datetime import timedelta

import pytest

from services.sales.selling.deals.rules import RefusedError, StageFacts, move, price, seconds_between
from tests.sales.deal_states import open_deal
from tests.support.samples import NOON

NEW = StageFacts("new", 0, counts_as_pipeline=False)
DEMO = StageFacts("demo", 40, counts_as_pipeline=True)
PROPOSAL = StageFacts("proposal", 60, counts_as_pipeline=True)


def test_the_first_stage_that_counts_makes_an_opportunity_for_good() -> None:
    later = NOON + timedelta(days=2)

    deal = move(open_deal(), DEMO, at=NOON)
    deal = move(deal, NEW, at=later)
    deal = move(deal, PROPOSAL, at=later)

    assert deal.opportunity_at == NOON
    assert (deal.stage, deal.stage_since, deal.version) == ("proposal", later, 4)


def test_the_first_stage_that_qualifies_does_so_for_good() -> None:
    later = NOON + timedelta(days=2)
    discovery = StageFacts("discovery", 10, counts_as_pipeline=False, qualifies=True)

    deal = move(open_deal(), discovery, at=NOON)
    assert (deal.qualified_at, deal.opportunity_at) == (NOON, None)
    deal = move(move(deal, NEW, at=later), replace(DEMO, qualifies=True), at=later)

    assert (deal.qualified_at, deal.opportunity_at) == (NOON, later)


def test_a_stage_before_the_pipeline_makes_no_opportunity() -> None:
    moved = move(open_deal(), StageFacts("qualifying", 5, counts_as_pipeline=False), at=NOON)

    assert moved.opportunity_at is None


def test_a_deal_is_not_moved_to_where_it_is() -> None:
    with pytest.raises(RefusedError, match="in stage new already"):
        move(open_deal(), NEW, at=NOON)


@pytest.mark.parametrize("state", ["won", "lost", "disqualified"])
def test_a_closed_deal_neither_moves_nor_changes_price_and_is_told_both_states(state: str) -> None:
    closed = replace(open_deal(), state=state)

    with pytest.raises(RefusedError, match=f"{state}; only an open deal"):
        move(closed, DEMO, at=NOON)
    with pytest.raises(RefusedError, match=f"{state}; only an open deal"):
        price(closed, 100, "EUR")


def test_a_price_may_fall_to_what_was_refunded_and_not_below() -> None:
    deal = replace(open_deal(), amount_minor=1000, refunded_minor=300)

    assert price(deal, 300, "EUR").net_minor == 0
    with pytest.raises(RefusedError, match="refunds above"):
        price(deal, 299, "EUR")


def test_the_currency_stays_once_money_is_booked() -> None:
    deal = replace(open_deal(), amount_minor=1000)

    assert price(deal, 1000, "USD").currency == "USD"
    for booked in (replace(deal, refunded_minor=1), replace(deal, collected_minor=1)):
        with pytest.raises(RefusedError, match="booked in EUR"):
            price(booked, 1000, "USD")


def test_a_price_tells_no_fact() -> None:
    deal = open_deal()

    assert price(deal, 500, "EUR").version == deal.version


def test_time_in_a_stage_is_never_negative() -> None:
    assert seconds_between(NOON, NOON + timedelta(hours=1)) == 3600
    assert seconds_between(NOON, NOON - timedelta(hours=1)) == 0
