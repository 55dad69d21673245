"""`leadloop channels reclassify`: shown, never done."""

import pytest

from shared import clock
from shared.database.sessions import Sessions
from tests.deploy.ops.test_operators import leadloop
from tests.marketing.revenue.attribution.deals import fetch, store, touch
from tests.support.samples import NOON

PAID = {"utm": {"source": "facebook", "medium": "cpc"}, "channel": "paid_search", "channel_rules": 1}


@pytest.fixture(autouse=True)
async def past(
    marketing_database: str, marketing_sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Touches as the rules of another day judged them, one that a person named, one of a campaign."""
    monkeypatch.setenv("MARKETING_DATABASE_URL", marketing_database)
    monkeypatch.setenv("COLUMNS", "200")
    who = clock.new_id()
    await store(
        marketing_sessions,
        touch(who, NOON, **PAID),
        touch(who, NOON, **PAID),
        touch(who, NOON, **PAID | {"channel": "paid_social"}),
        touch(who, NOON, channel="direct", submission_id=clock.new_id(), referrer="www.google.com/", utm={}),
        touch(who, NOON, channel="direct", submission_id=clock.new_id(), source="meta"),
        touch(who, NOON, channel="event", utm={"medium": "cpc"}),
        touch(who, NOON, **PAID | {"campaign_id": clock.new_id(), "channel": "display"}),
    )


async def test_what_would_change_is_shown_and_nothing_is_written(marketing_sessions: Sessions) -> None:
    before = await fetch(marketing_sessions, "SELECT * FROM touches ORDER BY id")

    shown = await leadloop(
        "channels", "reclassify", "--dry-run", "--from", "2020-01-01", "--to", "2030-01-01"
    )

    assert shown.exit_code == 0, shown.output
    lines = [line.split() for line in shown.output.splitlines()]
    rows = [[word for word in line if word.strip("│┃|")] for line in lines]
    assert ["paid_search", "paid_social", "2"] in rows
    assert ["direct", "organic_search", "1"] in rows
    assert ["direct", "paid_social", "1"] in rows
    assert "4 of 5 touches would get another channel." in shown.output
    assert await fetch(marketing_sessions, "SELECT * FROM touches ORDER BY id") == before


async def test_another_period_has_nothing_to_show() -> None:
    shown = await leadloop("channels", "reclassify", "--dry-run", "--to", "2020-01-01")

    assert "0 of 0 touches would get another channel." in shown.output


async def test_it_is_not_done_yet() -> None:
    refused = await leadloop("channels", "reclassify")

    assert refused.exit_code != 0
    assert "--dry-run" in refused.output


async def test_a_period_ends_after_it_begins() -> None:
    refused = await leadloop(
        "channels", "reclassify", "--dry-run", "--from", "2026-02-01", "--to", "2026-01-01"
    )

    assert refused.exit_code != 0
    assert "--to has to be later" in refused.output
