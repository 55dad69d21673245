"""What the reports read by day is what the rows say, whatever has happened to them."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from importlib import import_module
from typing import Any, Literal
from uuid import UUID

import pytest

from services.marketing.funnel.leads.arrivals import ScoredSubmission
from services.marketing.funnel.leads.use_cases import register
from services.marketing.subscriptions import subscriptions
from shared.database.sessions import Sessions, driver
from shared.events.envelope import Event
from shared.events.handoff import LeadReturned
from shared.events.sales import DealAmended, DealClosed
from tests.marketing.funnel.leads.test_register import arrival, arrive, until_someone_waits
from tests.marketing.revenue.attribution.deals import Story, fetch, nothing_is_off
from tests.support.samples import CAMPAIGN, NOON, delivered

VERSIONS = "services.marketing.migrations.versions."
MIGRATION = import_module(VERSIONS + "0003_sums_by_day")
BY_MONTH = import_module(VERSIONS + "0004_sums_by_month")
COUNTED = """
SELECT day, nullif(campaign_id, '00000000-0000-0000-0000-000000000000'), channel, sum(leads), sum(mqls)
FROM lead_days GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
PEOPLE = """
SELECT day, campaign_id, channel, count(*) FILTER (WHERE what = 'lead'), count(*) FILTER (WHERE what = 'mql')
FROM (SELECT 'lead' AS what, occurred_at::date AS day, campaign_id, channel FROM leads UNION ALL
      SELECT 'mql', qualified_at::date, campaign_id, channel FROM lead_cycles WHERE cycle = 1) one
WHERE day IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
WON_BY_DAY = "SELECT * FROM deal_days WHERE deals <> 0 OR amount_minor <> 0 ORDER BY 1, 2"
WON = """
SELECT reporting_currency, closed_on, count(*), sum(reporting_amount_minor) FROM deals
WHERE outcome = 'won' GROUP BY 1, 2 ORDER BY 1, 2
"""


async def sums_are_right(sessions: Sessions) -> bool:
    """Every sum is the sum of its rows."""
    assert await fetch(sessions, COUNTED) == await fetch(sessions, PEOPLE)
    assert await fetch(sessions, WON_BY_DAY) == await fetch(sessions, WON)
    return True


@dataclass
class Year:
    """A company to which things happen at random, the same for the same seed."""

    sessions: Sessions
    dice: random.Random
    contacts: list[UUID] = field(default_factory=lambda: [UUID(int=n) for n in range(1, 13)])
    stories: list[Story] = field(default_factory=list)
    told: list[Event] = field(default_factory=list)

    async def people_arrive(self) -> None:
        await arrive(self.sessions, *(self._arrival() for _ in range(self.dice.randint(1, 8))))

    def _arrival(self) -> ScoredSubmission:
        zone = self.dice.choice([UTC, timezone(timedelta(hours=11)), timezone(timedelta(hours=-8))])
        hour = self.dice.choice([0, 1, 12, 23])
        return arrival(
            contact_id=self.dice.choice(self.contacts),
            occurred_at=datetime(2026, 3, self.dice.randint(1, 3), hour, 59, tzinfo=zone),
            campaign_id=self.dice.choice([None, CAMPAIGN, UUID(int=7)]),
            channel=self.dice.choice([None, "email", "paid_search"]),
            hand_raiser=self.dice.random() < 0.5,
        )

    async def a_lead_comes_back(self) -> None:
        known = await fetch(self.sessions, "SELECT id, cycle FROM leads ORDER BY contact_id")
        if known:
            lead_id, cycle = self.dice.choice(known)
            await self._hear(
                LeadReturned(
                    lead_id=lead_id,
                    cycle=cycle,
                    version=cycle,
                    rep_id=UUID(int=1),
                    reason="no_budget",
                    after_acceptance=False,
                    returned_at=NOON,
                )
            )

    async def a_deal_closes(self) -> None:
        self.stories.append(Story())
        await self._close(self.stories[-1])

    async def a_deal_closes_again(self) -> None:
        if self.stories:
            story = self.dice.choice(self.stories)
            await self._hear(self._in_currency(story, story.amended(0, cause="reopened")))
            await self._close(story)

    async def a_deal_is_amended(self) -> None:
        if self.stories:
            story = self.dice.choice(self.stories)
            await self._hear(self._in_currency(story, story.amended(self.dice.randint(0, 999))))

    async def old_news_come(self) -> None:
        if self.told:
            await self._hear(self.dice.choice(self.told))

    async def _close(self, story: Story) -> None:
        day = date(2026, 4, self.dice.randint(1, 2))
        outcomes: list[Literal["won", "lost", "disqualified"]] = ["won", "won", "lost", "disqualified"]
        closed = story.closed(self.dice.randint(0, 999), outcome=self.dice.choice(outcomes), closed_on=day)
        await self._hear(self._in_currency(story, closed))

    def _in_currency(self, story: Story, event: DealClosed | DealAmended) -> Event:
        of_story = "CHF" if self.stories.index(story) % 2 else "EUR"
        return event.model_copy(update={"reporting_currency": of_story})

    async def _hear(self, event: Event) -> None:
        self.told.append(event)
        await subscriptions.deliver(self.sessions, [delivered(event)])


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_happens_the_sums_are_those_of_the_rows(
    marketing_sessions: Sessions, seed: int
) -> None:
    year = Year(marketing_sessions, random.Random(seed))
    timeline_items: list[Callable[[], Any]] = [
        year.people_arrive, year.people_arrive, year.a_lead_comes_back, year.a_deal_closes,
        year.a_deal_closes_again, year.a_deal_is_amended, year.old_news_come,
    ]  # fmt: skip

    for _ in range(60):
        await year.dice.choice(timeline_items)()
        assert await sums_are_right(marketing_sessions)

    again = "SELECT count(*) FROM lead_cycles WHERE cycle > 1"
    assert await fetch(marketing_sessions, again) != [(0,)]
    assert await nothing_is_off(marketing_sessions)


async def test_the_migration_sums_up_what_was_there_before(marketing_sessions: Sessions) -> None:
    year = Year(marketing_sessions, random.Random(9))
    for happening in (year.people_arrive, year.a_lead_comes_back, year.a_deal_closes) * 8:
        await happening()
    kept = [await fetch(marketing_sessions, query) for query in (COUNTED, WON_BY_DAY)]

    for statement in ("TRUNCATE lead_days, deal_days", MIGRATION.LEADS, MIGRATION.DEALS):
        await fetch(marketing_sessions, statement)

    assert all(kept)
    assert [await fetch(marketing_sessions, query) for query in (COUNTED, WON_BY_DAY)] == kept


async def test_the_migration_sums_up_the_days_there_were_before(marketing_sessions: Sessions) -> None:
    year = Year(marketing_sessions, random.Random(3))
    for happening in (year.people_arrive, year.a_deal_closes) * 8:
        await happening()

    await fetch(marketing_sessions, "TRUNCATE campaign_months")
    await fetch(marketing_sessions, BY_MONTH.MONTHS)

    assert await fetch(marketing_sessions, "SELECT count(*) FROM campaign_months") != [(0,)]
    assert await nothing_is_off(marketing_sessions)


async def test_nobody_waits_for_a_batch_that_counts_the_same_day(marketing_sessions: Sessions) -> None:
    async with marketing_sessions() as slow:
        await register(slow, [arrival(hand_raiser=True)], now=NOON)
        await asyncio.wait_for(arrive(marketing_sessions, arrival(), arrival(hand_raiser=True)), timeout=2)
        await slow.commit()
    await arrive(marketing_sessions, arrival())

    assert await fetch(marketing_sessions, "SELECT shard, leads, mqls FROM lead_days ORDER BY 1") == [
        (0, 2, 1),
        (1, 2, 1),
    ]


async def test_batches_that_have_to_share_a_shard_take_its_days_in_one_order(
    marketing_sessions: Sessions,
) -> None:
    campaigns = [UUID(int=n) for n in (1, 2, 3)]

    def batch(*order: UUID) -> list[ScoredSubmission]:
        return [arrival(campaign_id=campaign_id) for campaign_id in order]

    await arrive(marketing_sessions, *batch(*campaigns))
    async with marketing_sessions.begin() as session:
        connection = await driver(session)
        await connection.execute(
            "SELECT pg_advisory_xact_lock(hashtext('marketing.lead_days'), n) FROM generate_series(0, 15) n"
        )
        await connection.execute("SELECT FROM lead_days WHERE campaign_id = $1 FOR UPDATE", campaigns[1])
        waiting = asyncio.gather(
            arrive(marketing_sessions, *batch(*campaigns)),
            arrive(marketing_sessions, *batch(*reversed(campaigns))),
        )
        await until_someone_waits(marketing_sessions, people=2)
    await waiting  # had each begun at its own end, they would wait for each other now

    assert await sums_are_right(marketing_sessions)
    assert await fetch(marketing_sessions, "SELECT shard, leads FROM lead_days") == [(0, 3)] * 3
