"""A year of a company, made inside the database: deals, their leads and touches, and the sums they leave.

What the report reads is what the services would have written: each deal is split over its ten touches
under three models, and the parts are summed by day. The ledger's single lines, which no report reads, are
left out, and so are the touches themselves unless they are asked for.
"""

from sqlalchemy import text

from benchmarks.house import House
from shared.database.sessions import create_engine

FIRST_DAY, DAYS = "2025-01-01", 365
CAMPAIGNS, TOUCHES = 30, 10
CHANNELS = ("paid_search", "paid_social", "email")
# The n-th deal closes on a day, is worth a multiple of ten cents, and its j-th touch was j days before.
DEAL = f"""
    SELECT n, md5('deal' || n)::uuid AS deal_id, md5('lead' || n)::uuid AS lead_id,
           md5('contact' || n)::uuid AS contact_id,
           date '{FIRST_DAY}' + 10 + (n * 7919 % {DAYS - 10})::int AS closed_on,
           (4500 + n % 977 * 10) * 100 AS amount
    FROM generate_series($1::bigint, $2::bigint) AS n
"""
CAMPAIGN = f"md5('campaign' || (n + j) % {CAMPAIGNS})::uuid"
CHANNEL = f"(ARRAY['{CHANNELS[0]}', '{CHANNELS[1]}', '{CHANNELS[2]}'])[1 + (n + j) % {CAMPAIGNS} % 3]"
MADE_CHANNELS = f"""
INSERT INTO channels (key, name, paid, version)
SELECT key, key, key <> 'email', 1
FROM unnest(ARRAY['{CHANNELS[0]}', '{CHANNELS[1]}', '{CHANNELS[2]}']) AS key
ON CONFLICT DO NOTHING
"""
MADE_CAMPAIGNS = f"""
INSERT INTO campaigns (id, name, channel, currency, version)
SELECT {CAMPAIGN}, 'Campaign ' || j, {CHANNEL}, 'EUR', 1
FROM generate_series(0, {CAMPAIGNS - 1}) AS j, (SELECT 0 AS n) AS zero
"""
SPENT = f"""
INSERT INTO campaign_spend (campaign_id, day, amount_minor, currency, impressions, clicks, version)
SELECT id, date '{FIRST_DAY}' + d, 12000 + d % 7 * 500, 'EUR', 4000, 120, 1
FROM campaigns, generate_series(0, {DAYS - 1}) AS d
"""
CLOSED = f"""
INSERT INTO deals (deal_id, version, lead_id, cycle, origin, contact_ids, outcome, amount_minor, currency,
                   reporting_amount_minor, reporting_currency, closed_on, closed_at)
SELECT deal_id, 3, lead_id, 1, 'lead', ARRAY[contact_id], 'won', amount, 'EUR', amount, 'EUR', closed_on,
       closed_on + time '12:00'
FROM ({DEAL}) AS deal
"""
CAME = f"""
INSERT INTO leads (id, contact_id, source, channel, campaign_id, score, fit, engagement, reasons,
                   scoring_model, facts, arrivals, occurred_at)
SELECT lead_id, contact_id, 'web_form', {CHANNEL}, {CAMPAIGN}, 60, 30, 30, '{{}}', 1, '{{}}', 1,
       closed_on - 10 + time '12:00'
FROM ({DEAL}) AS deal, (SELECT {TOUCHES} AS j) AS first
"""
CYCLES = f"""
INSERT INTO lead_cycles (lead_id, cycle, stage, source, channel, campaign_id, qualified_at, closed_at,
                         outcome)
SELECT lead_id, 1, 'customer', 'web_form', {CHANNEL}, {CAMPAIGN}, closed_on - 10 + time '12:00',
       closed_on + time '12:00', 'won'
FROM ({DEAL}) AS deal, (SELECT {TOUCHES} AS j) AS first
"""
COUNTED = f"""
INSERT INTO lead_days AS d (day, campaign_id, channel, shard, leads, mqls)
SELECT closed_on - 10, {CAMPAIGN}, {CHANNEL}, 0, count(*), count(*)
FROM ({DEAL}) AS deal, (SELECT {TOUCHES} AS j) AS first
GROUP BY 1, 2, 3
ON CONFLICT (day, campaign_id, channel, shard) DO UPDATE
SET leads = d.leads + excluded.leads, mqls = d.mqls + excluded.mqls
"""
WON = f"""
INSERT INTO deal_days AS d (currency, day, deals, amount_minor)
SELECT 'EUR', closed_on, count(*), sum(amount) FROM ({DEAL}) AS deal GROUP BY closed_on
ON CONFLICT (currency, day) DO UPDATE
SET deals = d.deals + excluded.deals, amount_minor = d.amount_minor + excluded.amount_minor
"""
TOUCHED = f"""
INSERT INTO touches (id, contact_id, kind, source, campaign_id, channel, occurred_at)
SELECT md5('touch' || n || '-' || j)::uuid, contact_id, 'page_view', 'api', {CAMPAIGN}, {CHANNEL},
       closed_on - j + time '12:00'
FROM ({DEAL}) AS deal, generate_series(1, {TOUCHES}) AS j
"""
SUMMED = f"""
INSERT INTO campaign_days AS d
       (basis, currency, model, day, campaign_id, channel, bucket, revenue_minor, deals_ppm)
SELECT basis, 'EUR', model, day, {CAMPAIGN}, {CHANNEL}, 'touch', sum(amount * tenths / 10),
       sum(100000 * tenths)
FROM ({DEAL}) AS deal, generate_series(1, {TOUCHES}) AS j,
     LATERAL (VALUES ('closed', closed_on), ('touched', closed_on - j)) AS b(basis, day),
     LATERAL (VALUES ('first', CASE j WHEN {TOUCHES} THEN 10 ELSE 0 END),
                     ('last', CASE j WHEN 1 THEN 10 ELSE 0 END), ('linear', 1)) AS m(model, tenths)
WHERE tenths > 0
GROUP BY 1, 3, 4, 5, 6
ON CONFLICT (basis, currency, model, day, campaign_id, channel, bucket) DO UPDATE
SET revenue_minor = d.revenue_minor + excluded.revenue_minor, deals_ppm = d.deals_ppm + excluded.deals_ppm
"""
BY_MONTH = """
TRUNCATE campaign_months;
INSERT INTO campaign_months
SELECT basis, currency, model, date_trunc('month', day::timestamp)::date, campaign_id, channel, bucket,
       sum(revenue_minor), sum(deals_ppm)
FROM campaign_days GROUP BY 1, 2, 3, 4, 5, 6, 7
"""
BITE = 100_000
# Everything the report shows of the same year, from the rows themselves.
RAW_REPORT = """
WITH split AS (
    SELECT t.campaign_id, t.channel, d.reporting_amount_minor AS amount,
           count(*) OVER journey AS touches, row_number() OVER journey_in_time AS place
    FROM deals d, unnest(d.contact_ids) AS contact JOIN touches t ON t.contact_id = contact
    WHERE t.occurred_at BETWEEN d.closed_at - interval '90 days' AND d.closed_at
      AND d.outcome = 'won' AND d.closed_on >= $1 AND d.closed_on < $2
    WINDOW journey AS (PARTITION BY d.deal_id),
           journey_in_time AS (PARTITION BY d.deal_id ORDER BY t.occurred_at, t.id)
), earned AS (
    -- the part of a cent that is left over goes to the first touches, one each
    SELECT campaign_id, sum(amount / touches + (place <= amount % touches)::int)::bigint AS revenue
    FROM split GROUP BY 1
), spent AS (
    SELECT campaign_id, sum(amount_minor) AS spend FROM campaign_spend WHERE day >= $1 AND day < $2 GROUP BY 1
), came AS (
    SELECT campaign_id, count(*) AS leads FROM leads
    WHERE occurred_at >= $1::date AND occurred_at < $2::date GROUP BY 1
)
SELECT campaign_id, revenue, spend, leads
FROM earned FULL JOIN spent USING (campaign_id) FULL JOIN came USING (campaign_id)
"""


async def live(house: House, first: int, last: int, *, touches: bool) -> None:
    """Let these deals have happened, and tell the planner about it."""
    engine = create_engine(house.database("marketing"), application="leadloop-bench")
    statements = (CLOSED, CAME, CYCLES, COUNTED, WON, SUMMED, *((TOUCHED,) if touches else ()))
    async with engine.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        await raw.execute("SET statement_timeout = 0")
        for number in range(first, last, BITE):
            for statement in statements:
                await raw.execute(statement, number, min(number + BITE, last) - 1, timeout=300)
        await raw.execute(BY_MONTH, timeout=300)
        await raw.execute("VACUUM ANALYZE", timeout=300)
    await engine.dispose()


async def found(house: House) -> None:
    """The campaigns and what they cost, once."""
    engine = create_engine(house.database("marketing"), application="leadloop-bench")
    async with engine.begin() as connection:
        await connection.execute(text(MADE_CHANNELS))
        await connection.execute(text(MADE_CAMPAIGNS))
        await connection.execute(text(SPENT))
    await engine.dispose()
