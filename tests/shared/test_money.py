from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.money import LARGEST_MINOR, convert, minor_units, parse_amount, show_amount, split, split_evenly

AMOUNTS = st.integers(-LARGEST_MINOR, LARGEST_MINOR)
CURRENCIES = st.sampled_from(["EUR", "USD", "JPY", "KWD", "CLF"])
WEIGHTS = st.lists(st.one_of(st.integers(0, 1000), st.fractions(0, 50)), min_size=1, max_size=12).filter(any)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("12.50", "EUR", 1250), ("12.5", "EUR", 1250), ("12", "EUR", 1200), ("-0.01", "EUR", -1),
     ("1250", "JPY", 1250), ("1.234", "KWD", 1234), ("0", "EUR", 0)],
)  # fmt: skip
def test_an_amount_is_read_in_the_minor_units_of_its_currency(text: str, currency: str, minor: int) -> None:
    assert parse_amount(text, currency) == minor


@pytest.mark.parametrize(
    "text",
    ["12.505", "1e3", "NaN", "Infinity", "", " 1", "1,50", "+1", "0x1", ".5", "5.", "1_000", "١٢", "1\n"],
)
def test_what_is_not_a_plain_decimal_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="decimal"):
        parse_amount(text, "EUR")


def test_an_amount_beyond_the_largest_is_refused() -> None:
    assert parse_amount("10000000000000.00", "EUR") == LARGEST_MINOR
    with pytest.raises(ValueError, match="at most"):
        parse_amount("10000000000000.01", "EUR")


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(ValueError, match="ISO 4217"):
        parse_amount("1", "XXQ")


@given(AMOUNTS, CURRENCIES)
def test_what_is_shown_is_read_back_as_the_same_amount(minor: int, currency: str) -> None:
    assert parse_amount(show_amount(minor, currency), currency) == minor


@pytest.mark.parametrize(
    ("minor", "currency", "rate", "into", "converted"),
    [(1000, "USD", "0.925", "EUR", 925), (1, "EUR", "0.5", "USD", 0), (3, "EUR", "0.5", "USD", 2),
     (150, "JPY", "0.0061", "EUR", 92), (1250, "EUR", "163.4", "JPY", 2042), (-1, "EUR", "1.5", "USD", -2)],
)  # fmt: skip
def test_conversion_rounds_once_and_half_to_even(
    minor: int, currency: str, rate: str, into: str, converted: int
) -> None:
    assert convert(minor, currency, Decimal(rate), into) == converted


@given(AMOUNTS, CURRENCIES, st.decimals("0.000001", "100000", places=6), CURRENCIES)
def test_conversion_is_never_off_by_more_than_half_a_unit(
    minor: int, currency: str, rate: Decimal, into: str
) -> None:
    exact = minor * Fraction(rate) * Fraction(10) ** (minor_units(into) - minor_units(currency))

    assert abs(convert(minor, currency, rate, into) - exact) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("amount", "rate", "converted"),
    [
        (999_999_999_999_999, "1", 999_999_999_999_999),
        (999_999_999_999_999, "1.0000001", 1_000_000_099_999_999),
        (999_999_999_999_999, "9.0000001", 9_000_000_099_999_991),
        (45, "0.7", 32),  # 31.5, half to even; in floats it is 31.499999999999996
    ],
)
def test_a_conversion_is_exact_at_any_size(amount: int, rate: str, converted: int) -> None:
    assert convert(amount, "EUR", Decimal(rate), "USD") == converted


@pytest.mark.parametrize("rate", ["0", "-1", "NaN", "Infinity"])
def test_a_rate_that_is_not_positive_is_refused(rate: str) -> None:
    with pytest.raises(ValueError, match="positive"):
        convert(100, "EUR", Decimal(rate), "USD")


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [(100, [1, 1, 1], [34, 33, 33]), (-100, [1, 1, 1], [-34, -33, -33]), (1, [1, 1], [1, 0]),
     (10, [0, 3, 1], [0, 8, 2]), (5, [7], [5]), (0, [1, 2], [0, 0]),
     (100, [Fraction(2, 5), Fraction(1, 5), Fraction(2, 5)], [40, 20, 40])],
)  # fmt: skip
def test_the_largest_remainder_gets_what_is_left_and_ties_go_to_the_first(
    total: int, weights: list[int | Fraction], parts: list[int]
) -> None:
    assert split(total, weights) == parts


@given(AMOUNTS, WEIGHTS)
@example(100, [1, 1, 1])
def test_the_parts_sum_to_the_total_exactly(total: int, weights: list[int | Fraction]) -> None:
    assert sum(split(total, weights)) == total


@given(AMOUNTS, WEIGHTS)
def test_no_part_is_a_whole_unit_from_its_share(total: int, weights: list[int | Fraction]) -> None:
    shares = [Fraction(total) * Fraction(weight) / sum(map(Fraction, weights)) for weight in weights]

    assert all(abs(part - share) < 1 for part, share in zip(split(total, weights), shares, strict=True))


@given(AMOUNTS, WEIGHTS)
def test_a_refund_mirrors_the_sale_and_a_zero_weight_gets_nothing(
    total: int, weights: list[int | Fraction]
) -> None:
    parts = split(total, weights)

    assert split(-total, weights) == [-part for part in parts]
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)


@pytest.mark.parametrize("weights", [[], [0, 0], [-1, 2]])
def test_a_split_without_positive_weights_is_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weight"):
        split(10, weights)


@given(AMOUNTS, st.integers(1, 40), st.integers(1, 1000))
def test_equal_weights_leave_the_rest_to_the_first(total: int, parts: int, weight: int) -> None:
    even = split_evenly(abs(total), parts)

    assert sum(even) == abs(total)
    assert even == sorted(even, reverse=True)
    assert even[0] - even[-1] <= 1
    assert split(total, [weight] * parts) == split_evenly(total, parts)
    assert split_evenly(-total, parts) == [-part for part in split_evenly(total, parts)]
