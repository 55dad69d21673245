from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.marketing.people.touches.rules import TouchPoint, journey_of
from services.marketing.revenue.attribution import rules
from services.marketing.revenue.attribution.rules import (
    MODELS,
    ONE_DEAL,
    ClosedDeal,
    CreditTarget,
    Shares,
    Worth,
)
from tests.support.samples import NOON

DAY = date(2026, 4, 1)


def point(number: int, *, at: int = 0, session: str | None = None, campaign: int | None = None) -> TouchPoint:
    return TouchPoint(
        UUID(int=number),
        UUID(int=campaign) if campaign else None,
        "email",
        session,
        NOON + timedelta(hours=at),
    )


def deal(**changes: object) -> ClosedDeal:
    values: dict[str, object] = {
        "deal_id": UUID(int=1),
        "version": 1,
        "cause": "closed",
        "outcome": "won",
        "origin": "lead",
        "lead_id": None,
        "contact_ids": (),
        "amount_minor": 1000,
        "currency": "USD",
        "reporting_amount_minor": 900,
        "reporting_currency": "EUR",
        "closed_on": DAY,
        "closed_at": NOON,
    }
    return ClosedDeal(**(values | changes))  # type: ignore[arg-type]


def sums(shares: Sequence[Shares]) -> list[Worth]:
    """What all spots have together, per model."""
    return [
        Worth(*(sum(part[model] for part in parts) for parts in zip(*shares, strict=True)))
        for model in range(len(MODELS))
    ]


@pytest.mark.parametrize(
    ("model", "touches", "expected"),
    [
        ("first", 1, [1]),
        ("first", 3, [1, 0, 0]),
        ("last", 3, [0, 0, 1]),
        ("linear", 1, [1]),
        ("linear", 4, [Fraction(1, 4)] * 4),
    ],
)
def test_models_share_out_exactly_one(model: str, touches: int, expected: list[Fraction]) -> None:
    weights = MODELS[model]([point(n) for n in range(touches)])

    whole = sum(weights, Fraction(0))
    assert [weight / whole for weight in weights] == expected


def test_a_cent_that_is_left_goes_to_the_first_of_equals() -> None:
    journey = [point(n) for n in range(3)]

    shares = rules.shares_of(Worth(100, 100, ONE_DEAL), rules.weights_of(journey, ["linear"]))

    assert [part.amounts[0] for part in shares] == [34, 33, 33]


def test_a_session_counts_once_and_its_campaign_speaks_for_it() -> None:
    plain, claimed, later = (
        point(1, at=0, session="a"),
        point(2, at=1, session="a", campaign=7),
        point(3, at=2, session="a", campaign=8),
    )
    other, alone = point(4, at=3, session="b"), point(5, at=-1)

    assert journey_of([other, later, claimed, plain, alone]) == [alone, claimed, other]


@given(st.permutations([point(n, at=n // 2) for n in range(6)]))
def test_a_journey_does_not_depend_on_the_order_of_loading(touches: list[TouchPoint]) -> None:
    assert [touch.id.int for touch in journey_of(touches)] == list(range(6))


@pytest.mark.parametrize(("origin", "bucket"), [("lead", "unattributed"), ("prospecting", "sales_sourced")])
def test_no_touch_is_never_direct(origin: str, bucket: str) -> None:
    [spot] = rules.spots_of(deal(origin=origin), [])

    assert spot == CreditTarget(bucket, None, None, None, DAY, DAY)


@pytest.mark.parametrize("outcome", ["lost", "disqualified", None])
def test_only_a_won_deal_is_worth_something(outcome: str | None) -> None:
    assert deal(outcome=outcome).worth == Worth(0, 0, 0)


amounts = st.integers(0, 10**12)
corrections = st.lists(
    st.tuples(
        st.sampled_from(["amended", "refunded", "reopened", "closed"]),
        amounts,
        amounts,
        st.integers(0, 7),
        st.integers(0, 2),
    ),
    max_size=8,
)


@given(history=corrections)
def test_the_ledger_sums_to_the_amount_after_any_corrections(
    history: list[tuple[str, int, int, int, int]],
) -> None:
    """Amend, refund, reopen, close again with another journey on another day: Σ stays exact at every step."""
    ledger: dict[CreditTarget, Shares] = {}
    for cause, amount, reporting, touches, later in [("closed", 1000, 900, 3, 0), *history]:
        state = deal(
            cause=cause,
            outcome=None if cause == "reopened" else "won",
            amount_minor=amount,
            reporting_amount_minor=reporting,
            closed_on=DAY + timedelta(days=later),
        )
        journey = [point(n, at=n) for n in range(touches)]
        exact: dict[CreditTarget, Shares] = {}
        if state.won:
            parts = rules.shares_of(state.worth, rules.weights_of(journey, MODELS))
            exact = dict(zip(rules.spots_of(state, journey), parts, strict=True))

        for _, spot, change in rules.book(exact, ledger):
            ledger[spot] = ledger[spot].plus(change) if spot in ledger else change

        assert {spot: part for spot, part in ledger.items() if not part.is_zero} == {
            spot: part for spot, part in exact.items() if not part.is_zero
        }
        if ledger:
            assert sums(list(ledger.values())) == [state.worth] * len(MODELS)


@given(amount=amounts, touches=st.integers(1, 12))
def test_sums_by_day_add_up_to_the_deal_under_every_model_and_basis(amount: int, touches: int) -> None:
    state = deal(reporting_amount_minor=amount)
    journey = [point(n, at=30 * n, campaign=n % 3) for n in range(touches)]
    parts = rules.shares_of(state.worth, rules.weights_of(journey, MODELS))
    lines = rules.book(dict(zip(rules.spots_of(state, journey), parts, strict=True)), {})

    days = rules.sums_by_day([(state, lines)])

    for basis in ("closed", "touched"):
        for model in MODELS:
            mine = [row for row in days if row[0] == basis and row[6] == model]
            assert (sum(row[7] for row in mine), sum(row[8] for row in mine)) == (amount, ONE_DEAL)
    assert {row[2] for row in days if row[0] == "closed"} == {DAY}
