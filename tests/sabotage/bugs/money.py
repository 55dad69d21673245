"""How deals are kept, split, summed and shown."""

from tests.sabotage.bug import Bug

MONEY = (
    Bug(
        name="money is converted in floats",
        file="shared/money.py",
        old="round(amount_minor * Fraction(rate) * scale)",
        new="round(float(amount_minor) * float(rate) * float(scale))",
        caught_by=("tests/shared/test_money.py::test_a_conversion_is_exact_at_any_size",),
    ),
    Bug(
        name="a split loses what rounding leaves",
        file="shared/money.py",
        old="for index in by_loss[:left]:",
        new="for index in by_loss[:0]:",
        caught_by=("tests/shared/test_money.py::test_the_parts_sum_to_the_total_exactly",),
    ),
    Bug(
        name="what rounding leaves goes to the first, not to the largest remainder",
        file="shared/money.py",
        old="for index in by_loss[:left]:",
        new="for index in range(left):",
        caught_by=(
            "tests/shared/test_money.py::"
            "test_the_largest_remainder_gets_what_is_left_and_ties_go_to_the_first",
        ),
    ),
    Bug(
        name="a touch exactly as old as the lookback earns nothing",
        file="services/marketing/people/touches/queries.py",
        old="t.occurred_at BETWEEN d.closed_at - {lookback} AND d.closed_at",
        new="t.occurred_at > d.closed_at - {lookback} AND t.occurred_at <= d.closed_at",
        caught_by=(
            "tests/marketing/revenue/attribution/test_ledger.py::"
            "test_touches_after_the_close_and_before_the_window_earn_nothing",
        ),
    ),
    Bug(
        name="an old fact about a deal overwrites a newer one",
        file="services/handoff/handshake/deals/writes.py",
        old=', where="t.version < excluded.version"),',
        new="),",
        caught_by=(
            "tests/handoff/handshake/deals/test_handlers.py::"
            "test_the_end_is_the_same_in_whatever_order_the_news_come",
        ),
    ),
    Bug(
        name="refunds may exceed what was paid",
        file="services/sales/selling/closing/rules.py",
        old="    if amount_minor > deal.net_minor:\n",
        new="    if False:\n",
        caught_by=("tests/sales/selling/closing/test_api.py::test_refunds_never_exceed_the_amount",),
    ),
    Bug(
        name="a deal is changed without its lock",
        file="services/sales/selling/deals/use_cases.py",
        old="deal_within(session, access, caller, deal_id, lock=True)",
        new="deal_within(session, access, caller, deal_id)",
        caught_by=("tests/sales/selling/closing/test_any_sequence.py::test_commands_at_once_take_turns",),
    ),
    Bug(
        name="a correction keeps its deal's version",
        file="services/sales/selling/closing/rules.py",
        old="return replace(deal, reporting_minor=reporting, version=deal.version + 1)",
        new="return replace(deal, reporting_minor=reporting)",
        caught_by=(
            "tests/sales/selling/closing/test_any_sequence.py::"
            "test_any_sequence_of_commands_keeps_facts_and_amounts_together",
        ),
    ),
)
