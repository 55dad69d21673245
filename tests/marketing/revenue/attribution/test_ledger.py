import asyncio
from datetime import date, timedelta

import pytest

from deploy.ops.reconcile.equations.money import CREDITS, ROLLUPS
from services.marketing.revenue.attribution.use_cases import CurrencyChangedError
from services.marketing.subscriptions import subscriptions
from shared import clock
from shared.database.sessions import Sessions, driver
from tests.marketing.revenue.attribution.deals import (
    CLOSED_AT,
    Story,
    differing,
    fetch,
    nothing_is_off,
    store,
    touch,
)
from tests.support.samples import NOON, delivered


async def test_a_won_deal_is_split_over_its_touches(marketing_sessions: Sessions) -> None:
    deal, campaign_id = Story(), clock.new_id()
    touches = [touch(deal.contact_id, NOON + timedelta(days=n), campaign_id=campaign_id) for n in range(3)]
    await store(marketing_sessions, *touches)

    await subscriptions.deliver(marketing_sessions, [delivered(deal.closed(100, reporting=91))])

    credits = await fetch(
        marketing_sessions,
        "SELECT touch_id, amounts, reporting_amounts, deals_ppm FROM credits ORDER BY line",
    )
    assert credits == [
        (touches[0].id, [100, 0, 34], [91, 0, 31], [1_000_000, 0, 333_334]),
        (touches[1].id, [0, 0, 33], [0, 0, 30], [0, 0, 333_333]),
        (touches[2].id, [0, 100, 33], [0, 91, 30], [0, 1_000_000, 333_333]),
    ]
    assert await nothing_is_off(marketing_sessions)


async def test_touches_after_the_close_and_before_the_window_earn_nothing(
    marketing_sessions: Sessions,
) -> None:
    deal = Story()
    inside = touch(deal.contact_id, CLOSED_AT - timedelta(days=90))
    await store(
        marketing_sessions,
        inside,
        touch(deal.contact_id, CLOSED_AT - timedelta(days=90, seconds=1)),
        touch(deal.contact_id, CLOSED_AT + timedelta(seconds=1)),
        touch(clock.new_id(), NOON),
    )

    await subscriptions.deliver(marketing_sessions, [delivered(deal.closed(100))])

    assert await fetch(marketing_sessions, "SELECT touch_id FROM credits") == [(inside.id,)]


async def test_without_a_touch_a_deal_is_unattributed_or_sales_sourced(marketing_sessions: Sessions) -> None:
    from_lead, own = Story(), Story(origin="prospecting")

    await subscriptions.deliver(
        marketing_sessions, [delivered(from_lead.closed(100)), delivered(own.closed(200))]
    )

    credits = await fetch(marketing_sessions, "SELECT bucket, amounts, channel FROM credits ORDER BY amounts")
    assert credits == [("unattributed", [100] * 3, None), ("sales_sourced", [200] * 3, None)]
    assert await nothing_is_off(marketing_sessions)


async def test_a_correction_books_the_difference_over_the_journey_of_the_close(
    marketing_sessions: Sessions,
) -> None:
    deal = Story()
    await store(marketing_sessions, *(touch(deal.contact_id, NOON + timedelta(days=n)) for n in range(2)))
    await subscriptions.deliver(marketing_sessions, [delivered(deal.closed(101))])
    await store(marketing_sessions, touch(deal.contact_id, NOON + timedelta(days=3)))  # learned too late

    await subscriptions.deliver(marketing_sessions, [delivered(deal.amended(80, cause="refunded"))])

    sets = await fetch(marketing_sessions, "SELECT revision, cause, amount_delta FROM credit_sets ORDER BY 1")
    assert sets == [(1, "closed", 101), (2, "refunded", -21)]
    differences = await fetch(
        marketing_sessions, "SELECT amounts FROM credits WHERE revision = 2 ORDER BY line"
    )
    assert differences == [([-21, 0, -11],), ([0, -21, -10],)]
    assert await nothing_is_off(marketing_sessions)


async def test_a_reopened_deal_earns_nothing_until_it_closes_again(marketing_sessions: Sessions) -> None:
    deal = Story()
    await store(marketing_sessions, touch(deal.contact_id, NOON))

    await subscriptions.deliver(
        marketing_sessions, [delivered(deal.closed(100)), delivered(deal.amended(100, cause="reopened"))]
    )
    earned = "SELECT sum(revenue_minor), sum(deals_ppm) FROM campaign_days WHERE basis = 'closed'"
    assert await fetch(marketing_sessions, earned) == [(0, 0)]
    assert await nothing_is_off(marketing_sessions)

    again = deal.closed(300, closed_on=date(2026, 5, 1))
    await subscriptions.deliver(marketing_sessions, [delivered(again)])

    assert await fetch(
        marketing_sessions,
        "SELECT day, sum(revenue_minor) FROM campaign_days WHERE basis = 'closed' AND model = 'first' "
        "GROUP BY 1 HAVING sum(revenue_minor) <> 0",
    ) == [(date(2026, 5, 1), 300)]
    assert await nothing_is_off(marketing_sessions)


async def test_the_same_event_twice_and_an_older_one_change_nothing(marketing_sessions: Sessions) -> None:
    deal = Story()
    closed, amended = deal.closed(100), deal.amended(90)

    await subscriptions.deliver(marketing_sessions, [delivered(closed), delivered(amended)])
    await subscriptions.deliver(marketing_sessions, [delivered(amended), delivered(closed)])

    assert await fetch(marketing_sessions, "SELECT sum(amounts[1]) FROM credits") == [(90,)]
    assert len(await fetch(marketing_sessions, "SELECT revision FROM credit_sets")) == 2


async def test_a_lost_deal_earns_nothing(marketing_sessions: Sessions) -> None:
    await subscriptions.deliver(marketing_sessions, [delivered(Story().closed(outcome="lost"))])

    assert await fetch(marketing_sessions, "SELECT * FROM credits") == []
    assert await nothing_is_off(marketing_sessions)


async def test_batches_booked_at_the_same_time_share_the_days(marketing_sessions: Sessions) -> None:
    deals = [Story() for _ in range(40)]
    await store(marketing_sessions, *(touch(deal.contact_id, NOON) for deal in deals))
    batches = [
        [
            envelope
            for deal in deals[start::4]
            for envelope in (delivered(deal.closed(100)), delivered(deal.amended(70, cause="refunded")))
        ]
        for start in range(4)
    ]

    await asyncio.gather(*(subscriptions.deliver(marketing_sessions, batch) for batch in batches))

    earned = "SELECT sum(revenue_minor) FROM campaign_days WHERE basis = 'closed' AND model = 'last'"
    assert await fetch(marketing_sessions, earned) == [(40 * 70,)]
    assert await nothing_is_off(marketing_sessions)


async def test_a_deal_reopened_may_close_in_another_currency_and_no_other_deal_may(
    marketing_sessions: Sessions,
) -> None:
    reopened, amended = Story(currency="USD"), Story(currency="USD")
    await subscriptions.deliver(
        marketing_sessions,
        [
            delivered(event)
            for event in (reopened.closed(100), reopened.amended(100, cause="reopened"), amended.closed(100))
        ],
    )
    reopened.currency = amended.currency = "CHF"

    await subscriptions.deliver(marketing_sessions, [delivered(reopened.closed(80))])
    with pytest.raises(CurrencyChangedError):
        await subscriptions.deliver(marketing_sessions, [delivered(amended.amended(80))])

    assert await nothing_is_off(marketing_sessions)


THEFTS = (
    "UPDATE credits SET amounts[2] = amounts[2] + 1",
    "UPDATE credits SET reporting_amounts[3] = 0",
    "UPDATE credits SET deals_ppm[1] = 0",
    "UPDATE deals SET amount_minor = amount_minor - 1",
    "DELETE FROM credits",
)


async def test_the_proof_finds_a_cent_that_is_off(marketing_sessions: Sessions) -> None:
    await subscriptions.deliver(marketing_sessions, [delivered(Story().closed(100))])
    assert await nothing_is_off(marketing_sessions)

    for theft in THEFTS:
        async with marketing_sessions() as session:
            await (await driver(session)).execute(theft)
            assert await differing(session, CREDITS), theft


async def test_the_proof_finds_a_day_that_is_off(marketing_sessions: Sessions) -> None:
    await subscriptions.deliver(marketing_sessions, [delivered(Story().closed(100))])

    await fetch(
        marketing_sessions, "UPDATE campaign_days SET revenue_minor = revenue_minor + 1 WHERE model = 'last'"
    )

    async with marketing_sessions.begin() as session:
        # One entry too much and one too little for each of the two bases.
        assert len(await differing(session, ROLLUPS)) == 4
