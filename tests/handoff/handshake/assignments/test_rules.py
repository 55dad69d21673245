from datetime import datetime, timedelta

import pytest

from services.handoff.handshake.assignments.rules import (
    CREDITED_DECLINES,
    CREDITED_RETURNS,
    DeclineReason,
    ReturnReason,
    refusal,
    state_at,
)
from tests.support.samples import NOON

A_MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(("now", "state"), [(NOON - A_MOMENT, "offered"), (NOON, "expired")])
def test_an_offer_ends_at_its_deadline(now: datetime, state: str) -> None:
    assert state_at("offered", NOON, now) == state


def test_what_was_answered_never_expires() -> None:
    assert state_at("accepted", NOON, NOON + timedelta(days=9)) == "accepted"


def test_a_refusal_names_both_states() -> None:
    assert refusal("offered", "accepted", "offered") is None
    assert refusal("declined", "accepted", "offered") == (
        "The assignment is declined, so it can't become accepted; only one that is offered can."
    )


def test_being_busy_and_giving_up_cost_the_turn() -> None:
    assert set(DeclineReason) - CREDITED_DECLINES == {DeclineReason.BUSY}
    assert {ReturnReason.DUPLICATE, ReturnReason.WRONG_CONTACT_DATA} == CREDITED_RETURNS
