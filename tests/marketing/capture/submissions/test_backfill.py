"""Which leads of the past a rep is offered all the same."""

from datetime import timedelta

import pytest

from services.marketing.capture.connectors.rules import CapturedLead
from services.marketing.capture.submissions.rules import is_routed, when
from tests.support.samples import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("age", "route", "by_platform", "backfilled", "routed"),
    [
        (2 * HOUR, False, False, True, False),
        (900 * DAY, False, False, True, False),
        (900 * DAY, True, False, True, True),  # asked for
        (2 * HOUR, False, True, True, True),  # a platform that was late: the person still waits
        (7 * DAY, False, True, True, True),
        (8 * DAY, False, True, True, False),  # its history
        (8 * DAY, True, True, True, True),
        (HOUR / 2, False, False, False, False),
    ],
)
def test_what_is_of_the_past_and_what_is_routed(
    age: timedelta, *, route: bool, by_platform: bool, backfilled: bool, routed: bool
) -> None:
    lead = CapturedLead(occurred_at=NOON - age, route=route)

    assert when(lead, NOON) == (NOON - age, backfilled)
    if backfilled:
        assert is_routed(lead, NOON, by_platform=by_platform) is routed
