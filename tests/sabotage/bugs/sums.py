"""The sums that reports read instead of rows: what is counted, on which day, and once."""

from tests.sabotage.bug import Bug

SUMS_TEST = "tests/marketing/revenue/reports/test_sums.py::"
WHATEVER = SUMS_TEST + "test_whatever_happens_the_sums_are_those_of_the_rows"
PERIODS = (
    "tests/marketing/revenue/reports/test_periods.py::"
    "test_a_period_is_the_sum_of_its_days_wherever_it_begins_and_ends"
)

SUMS = (
    Bug(
        name="an MQL of a later cycle is counted",
        file="services/marketing/funnel/leads/rules.py",
        old="if found is not None and found.lead.cycle == one.lead.first_cycle:",
        new="if found is not None:",
        caught_by=(WHATEVER,),
    ),
    Bug(
        name="a lead is counted on the day it was where it came from",
        file="services/marketing/funnel/leads/rules.py",
        old="return at.astimezone(UTC).date(), ",
        new="return at.date(), ",
        caught_by=(WHATEVER,),
    ),
    Bug(
        name="who counts leads waits for whoever counts the same day",
        file="shared/database/bulk.py",
        old="WHERE pg_try_advisory_xact_lock(hashtext('{sums}'), n) LIMIT 1",
        new="WHERE n = 0",
        caught_by=(
            SUMS_TEST + "test_nobody_waits_for_a_batch_that_counts_the_same_day",
            "tests/marketing/capture/deliveries/test_group_commit.py::"
            "test_nobody_at_the_door_waits_for_a_transaction_that_counts_the_same_day",
        ),
    ),
    Bug(
        name="batches that share a shard take its days in any order",
        file="services/marketing/funnel/leads/writes.py",
        old='    order_by=("day", "campaign_id", "channel"),\n',
        new="",
        caught_by=(SUMS_TEST + "test_batches_that_have_to_share_a_shard_take_its_days_in_one_order",),
    ),
    Bug(
        name="a deal that closes again stays counted on its old day, too",
        file="services/marketing/funnel/deals/writes.py",
        old="JOIN after USING (deal_id) WHERE b.outcome = 'won'",
        new="JOIN after USING (deal_id) WHERE false",
        caught_by=(WHATEVER,),
    ),
    Bug(
        name="old news of a deal take it off its day",
        file="services/marketing/funnel/deals/writes.py",
        old="FROM before b JOIN after USING (deal_id) WHERE",
        new="FROM before b WHERE",
        caught_by=(WHATEVER,),
    ),
    Bug(
        name="a lost deal counts as won",
        file="services/marketing/funnel/deals/writes.py",
        old="FROM after WHERE outcome = 'won'",
        new="FROM after WHERE outcome IS NOT NULL",
        caught_by=(WHATEVER,),
    ),
    Bug(
        name="a report forgets the days after its last whole month",
        file="services/marketing/revenue/reports/queries.py",
        old="AND day >= $8 AND day < $3",
        new="AND day >= $8 AND day < $8",
        caught_by=(PERIODS,),
    ),
    Bug(
        name="a month that is not whole is counted as one",
        file="services/marketing/revenue/reports/rules.py",
        old="return (first, month_of(end)) if first < month_of(end) else (end, end)",
        new="return (first, month_of(end)) if first < month_of(end) else (month_of(end), end)",
        caught_by=(PERIODS,),
    ),
    Bug(
        name="months forget what was taken back",
        file="services/marketing/revenue/attribution/writes.py",
        old="FROM changes GROUP BY basis,",
        new="FROM changes WHERE revenue_minor > 0 GROUP BY basis,",
        caught_by=(WHATEVER,),
    ),
)
