"""The demo's own sums: they check the services, so they have to be right without them."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from deploy.demo import story
from deploy.demo.figures import Books, Met, Won
from shared.money import convert, split

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def won(amount: int, *campaigns: str, rate: str = "1", refunded: int = 0) -> Won:
    """A deal closed at noon whose touches came a day after each other."""
    journey = [Met(one, NOON - timedelta(days=len(campaigns) - n)) for n, one in enumerate(campaigns)]
    return Won("d", amount, Decimal(rate), NOON.date(), NOON, journey, refunded)


def test_the_first_and_the_last_touch_take_everything() -> None:
    deal = won(100_01, "mail", "search", "social")

    assert deal.credits("first") == {"mail": 100_01}
    assert deal.credits("last") == {"social": 100_01}


def test_odd_cents_go_to_the_earliest_touches() -> None:
    assert won(100_01, "mail", "search", "social").credits("linear") == {
        "mail": 33_34,
        "search": 33_34,
        "social": 33_33,
    }


def test_a_campaign_met_twice_gets_both_shares() -> None:
    assert won(10, "mail", "search", "mail").credits("linear") == {"mail": 7, "search": 3}


def test_touches_after_the_close_count_for_nothing() -> None:
    deal = won(50, "mail")
    deal.journey = [*deal.journey, Met("search", NOON + timedelta(seconds=1))]

    assert deal.credits("last") == {"mail": 50}


def test_a_refund_is_taken_off_before_the_one_conversion() -> None:
    assert won(100_00, "mail", rate="0.92155", refunded=10_00).earned == 82_94  # 82.9395


def test_without_a_touch_it_is_sales_own() -> None:
    assert won(100_00).credits("linear") == {"sales_sourced": 100_00}


def test_spend_is_converted_day_by_day_at_the_rate_that_held() -> None:
    monday, tuesday, friday = (NOON.date() - timedelta(days=n) for n in (4, 3, 0))
    books = Books(rates={monday: Decimal("0.9"), friday: Decimal("0.5")})
    books.spend["c"] = [(tuesday, 100, "USD"), (friday, 100, "USD"), (friday, 7, "EUR")]

    assert books.cost("c") == 90 + 50 + 7


@given(amount=st.integers(1, 10**9), touches=st.integers(1, 30), rate=st.decimals("0.2", "5", places=4))
def test_two_ways_to_the_same_sum(amount: int, touches: int, rate: Decimal) -> None:
    deal = won(amount, *(str(number) for number in range(touches)), rate=str(rate))

    earned = convert(amount, "USD", rate, "EUR")
    assert deal.earned == earned
    parts = split(earned, [Fraction(1, touches)] * touches)
    assert +deal.credits("linear") == +Counter({str(n): part for n, part in enumerate(parts)})


def test_the_story_is_sound() -> None:
    people = (*story.LAST_MONTH, *story.ONLOOKERS, *story.TODAY)
    campaigns = {one.key for one in story.CAMPAIGNS}

    assert len({(one.given, one.family) for one in people}) == len(people)
    assert len({one.family for one in people}) == len(people)
    assert len({one.domain for one in people}) == len(people)
    for one in people:
        days = [touch.days for touch in one.touches]
        assert {touch.campaign for touch in one.touches} <= campaigns
        assert days == sorted(days, reverse=True)
        assert max(days) < story.DAYS
        if one.plan and one.plan.end in {"won", "lost"}:
            assert one.live or one.plan.closed < min(days)
