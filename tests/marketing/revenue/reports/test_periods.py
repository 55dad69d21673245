"""Long reports read months where a period has whole ones, and days at its ends: the same to the cent."""

from datetime import date
from importlib import import_module
from itertools import combinations

from services.marketing.revenue.reports import queries, rules
from shared.database.sessions import Sessions
from tests.marketing.revenue.attribution.deals import fetch

BY_MONTH = import_module("services.marketing.migrations.versions.0004_sums_by_month")
DAYS = """
INSERT INTO campaign_days
       (basis, currency, model, day, campaign_id, channel, bucket, revenue_minor, deals_ppm)
SELECT 'closed', 'EUR', 'linear', day, id::uuid, 'email', 'touch', 1 + extract(doy FROM day), 7
FROM generate_series(date '2025-11-20', date '2026-03-10', interval '1 day') AS day,
     (VALUES ('00000000-0000-0000-0000-000000000001'), ('00000000-0000-0000-0000-000000000002')) AS c(id)
"""
OF_DAYS = """
SELECT campaign_id::text, CASE WHEN {by_month} THEN date_trunc('month', day)::date ELSE date '{start}' END,
       sum(revenue_minor), sum(deals_ppm)
FROM campaign_days WHERE day >= '{start}' AND day < '{end}' GROUP BY 1, 2 ORDER BY 1, 2
"""
EDGES = [date(2025, 11, 1), date(2025, 11, 30), date(2025, 12, 1), date(2025, 12, 2), date(2025, 12, 31),
         date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28), date(2026, 3, 1),
         date(2026, 3, 2), date(2026, 4, 1)]  # fmt: skip


async def test_a_period_is_the_sum_of_its_days_wherever_it_begins_and_ends(
    marketing_sessions: Sessions,
) -> None:
    await fetch(marketing_sessions, DAYS)
    await fetch(marketing_sessions, BY_MONTH.MONTHS)

    for start, end in combinations(EDGES, 2):
        for by_month in (False, True):
            async with marketing_sessions() as session:
                found = await queries.revenue(
                    session, start, end, basis="closed", currency="EUR", model="linear", by_month=by_month
                )
            shown = sorted(
                (str(place.campaign_id), place.month, f.revenue, f.deals_ppm) for place, f in found
            )
            asked = OF_DAYS.format(start=start, end=end, by_month=by_month)
            assert shown == await fetch(marketing_sessions, asked), (start, end, by_month)


def test_the_last_month_there_is_has_no_end() -> None:
    start, end = date(9999, 12, 5), date.max

    assert rules.whole_months(start, end) == (end, end)
