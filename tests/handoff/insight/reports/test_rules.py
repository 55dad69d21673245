from datetime import datetime, timedelta
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.handoff.insight.reports.rules import Clocks, Observation, answered_within, quantile, segments
from tests.support.samples import NOON


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def clocks(*, responded: float | None = None, ended: float | None = None) -> Clocks:
    return Clocks(
        received_at=NOON,
        qualified_at=at(1),
        assigned_at=at(2),
        accepted_at=at(3),
        responded_at=None if responded is None else at(responded),
        ended_at=None if ended is None else at(ended),
    )


def test_the_textbook_case() -> None:
    # Kaplan and Meier's own example (1958, section 1).
    deaths = [(time, True) for time in (0.8, 3.1, 5.4, 9.2)]
    losses = [(time, False) for time in (1.0, 2.7, 7.0, 12.1)]

    # Survival: 7/8 after 0.8, 7/10 after 3.1, 21/40 after 5.4, 21/80 after 9.2.
    assert quantile(deaths + losses, 0.12) == 0.8
    assert quantile(deaths + losses, 0.30) == 3.1
    assert quantile(deaths + losses, 0.50) == 9.2
    assert quantile(deaths + losses, 0.90) is None


def test_leaving_the_unanswered_out_would_flatter() -> None:
    answered: list[Observation] = [(60, True), (120, True)]
    unanswered: list[Observation] = [(86400, False)] * 3

    assert quantile(answered, 0.5) == 60
    assert quantile(answered + unanswered, 0.5) is None


def test_without_leads_there_is_no_median() -> None:
    assert quantile([], 0.5) is None


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=60))
def test_with_nothing_censored_it_is_the_usual_quantile(times: list[int]) -> None:
    observed = [(float(time), True) for time in times]
    lower = sorted(times)[(len(times) - 1) // 2]

    assert quantile(observed, 0.5) == lower
    assert lower <= median(times)
    assert quantile(observed, 1.0) == max(times)


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        (clocks(responded=10), (600, True)),
        (clocks(), (7200, False)),
        (clocks(ended=30), (1800, False)),
    ],
)
def test_a_lead_without_response_counts_as_long_as_it_was_watched(
    clock: Clocks, expected: Observation
) -> None:
    assert segments(clock, now=at(120))["receipt_to_response"] == expected


def test_the_parts_follow_one_another() -> None:
    found = segments(clocks(responded=10), now=at(120))

    assert [found[name][0] for name in found] == [60, 60, 60, 420, 600]


def test_a_part_the_lead_never_came_to_is_left_out() -> None:
    pooled = Clocks(NOON, at(1), None, None, None, None)

    assert list(segments(pooled, now=at(5))) == [
        "receipt_to_qualified",
        "qualified_to_assigned",
        "receipt_to_response",
    ]


def test_in_time_means_up_to_and_including_the_limit() -> None:
    found = answered_within([clocks(responded=5), clocks(responded=5.01), clocks(responded=60), clocks()])

    assert found == {"5_min": 1, "1_h": 3, "24_h": 3}
