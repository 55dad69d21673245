"""Whose today it is, and who began what."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.sales.work.activities.rules import day_of, direction_of, state_of, week_of
from tests.support.samples import NOON


@pytest.mark.parametrize(
    ("now", "zone", "begins", "hours"),
    [
        ("2026-11-27T12:00:00Z", "UTC", "2026-11-27T00:00:00Z", 24),
        ("2026-11-27T14:41:00Z", "Pacific/Auckland", "2026-11-27T11:00:00Z", 24),
        ("2026-11-28T01:00:00Z", "America/Los_Angeles", "2026-11-27T08:00:00Z", 24),
        ("2026-03-29T12:00:00Z", "Europe/Berlin", "2026-03-28T23:00:00Z", 23),  # the clocks go forward
        ("2026-10-25T12:00:00Z", "Europe/Berlin", "2026-10-24T22:00:00Z", 25),  # and back
        ("2026-03-27T12:00:00Z", "Asia/Beirut", "2026-03-26T22:00:00Z", 24),
        (
            "2026-03-29T12:00:00Z",
            "Asia/Beirut",
            "2026-03-28T22:00:00Z",
            23,
        ),  # at midnight, which is missing
    ],
)
def test_a_day_begins_at_midnight_there(now: str, zone: str, begins: str, hours: int) -> None:
    begin, end = day_of(datetime.fromisoformat(now), ZoneInfo(zone))

    assert begin == datetime.fromisoformat(begins)
    assert end - begin == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("now", "zone", "monday"),
    [
        ("2026-11-27T12:00:00Z", "UTC", "2026-11-23T00:00:00Z"),
        ("2026-11-29T23:30:00Z", "Europe/Berlin", "2026-11-29T23:00:00Z"),  # it is Monday there
        ("2027-01-01T12:00:00Z", "UTC", "2026-12-28T00:00:00Z"),
    ],
)
def test_a_week_begins_on_monday_there(now: str, zone: str, monday: str) -> None:
    begin, end = week_of(datetime.fromisoformat(now), ZoneInfo(zone))

    assert begin == datetime.fromisoformat(monday)
    assert end - begin == timedelta(days=7)


@pytest.mark.parametrize(
    ("kind", "given", "right"),
    [
        ("call", None, "outbound"),
        ("email", "inbound", "inbound"),
        ("task", "outbound", None),
        ("note", None, None),
    ],
)
def test_what_a_rep_notes_was_their_own_doing(kind: str, given: str | None, right: str | None) -> None:
    assert direction_of(kind, given) == right


@pytest.mark.parametrize(
    ("done", "cancelled", "right"),
    [(None, None, "planned"), (NOON, None, "done"), (None, NOON, "cancelled"), (NOON, NOON, "cancelled")],
)
def test_cancelled_after_it_was_done_is_cancelled(
    done: datetime | None, cancelled: datetime | None, right: str
) -> None:
    assert state_of(done, cancelled) == right
