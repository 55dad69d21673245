"""Ids are as old as the moment they are made for, whatever this machine's clock says."""

from datetime import UTC, datetime, timedelta

from shared import clock


def test_an_id_is_as_old_as_the_moment_it_is_made_for() -> None:
    moment = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    earlier, later = clock.new_id(moment), clock.new_id(moment + timedelta(milliseconds=1))
    assert earlier.int >> 80 == moment.timestamp() * 1000
    assert earlier < later < clock.new_id()
    assert clock.new_id(moment) != earlier
