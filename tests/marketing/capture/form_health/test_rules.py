"""When a form is silent, and when it rejects."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.marketing.capture.form_health import rules
from services.marketing.capture.form_health.rules import Day
from tests.support.samples import NOON

HOUR = timedelta(hours=1)


def every(gap: timedelta, count: int, *, until_last: timedelta) -> Sequence[timedelta]:
    """How long ago `count` posts came, the last one `until_last` ago."""
    return [until_last + number * gap for number in reversed(range(count))]


SILENCES = [
    ("a post each day and none for two days", every(24 * HOUR, 20, until_last=48 * HOUR), False),
    ("none for more than two days", every(24 * HOUR, 20, until_last=49 * HOUR), True),
    ("19 posts say nothing", every(24 * HOUR, 19, until_last=49 * HOUR), False),
    ("a long gap once is nothing new", [300 * HOUR, *every(HOUR, 20, until_last=500 * HOUR)], False),
    ("each hour, and a night of 14 hours before", [34 * HOUR, *every(HOUR, 19, until_last=2 * HOUR)], False),
    ("each hour, and none for three", every(HOUR, 30, until_last=3 * HOUR), True),
    ("all at once", every(timedelta(), 20, until_last=HOUR), True),
    ("all of it older than four weeks", every(HOUR, 40, until_last=28 * 24 * HOUR), False),
    ("never any", [], False),
]


@pytest.mark.parametrize(
    ("ago", "silent"), [case[1:] for case in SILENCES], ids=[case[0] for case in SILENCES]
)
def test_a_form_is_silent_when_it_never_was_for_half_as_long(ago: Sequence[timedelta], silent: bool) -> None:
    arrivals = sorted(NOON - one for one in ago)

    assert rules.is_silent(arrivals, now=NOON) is silent


@given(st.lists(st.integers(0, 40 * 24 * 60), max_size=60))
def test_the_quick_look_at_the_latest_posts_misses_no_silence(minutes: list[int]) -> None:
    arrivals = sorted(NOON - timedelta(minutes=one) for one in minutes)

    if rules.is_silent(arrivals, now=NOON):
        assert rules.may_be_silent(arrivals[-rules.FEWEST_ARRIVALS :], now=NOON)


@pytest.mark.parametrize(
    ("judged", "rejected", "state"),
    [(4, 4, "ok"), (5, 2, "ok"), (5, 3, "rejecting"), (6, 3, "ok"), (6, 4, "rejecting"), (0, 0, "ok")],
)
def test_a_form_rejects_when_more_than_half_of_at_least_five_are_lost(
    judged: int, rejected: int, state: str
) -> None:
    found = rules.state_of(Day(judged, rejected), silent=False, last=NOON)

    assert found.name == state
    assert (found.reason is None) == (state == "ok")


FIELDS = [
    ("your-email", "email", (), "email"),
    ("Message", None, ("message",), "message"),
    ("q7 Team", None, ("q7_team",), None),
    ("feld 3", None, (), "its value"),
    ("consent_ad_storage", None, ("consent_ad_storage",), "consent_ad_storage"),
]


@pytest.mark.parametrize(("name", "target", "answers", "taken_for"), FIELDS)
def test_a_field_is_understood_by_its_name_or_its_value(
    name: str, target: str | None, answers: tuple[str, ...], taken_for: str | None
) -> None:
    assert rules.understood(name, target, answers) == taken_for
