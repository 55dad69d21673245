"""Money in minor units. Pure: whole numbers inside, decimal strings outside, floats nowhere.

A currency's minor units come from CLDR (babel): EUR 2, JPY 0, KWD 3.
"""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from math import lcm

from babel import Locale
from babel.numbers import get_currency_precision

LARGEST_MINOR = 10**15  # far above any deal, far below what bigint and a JSON reader's float can hold
Splitter = Callable[[int], list[int]]
_DECIMAL = re.compile(r"(-?)(\d{1,16})(?:\.(\d{1,6}))?", re.ASCII)


@cache
def _known_currencies() -> frozenset[str]:
    return frozenset(Locale("en").currencies)


@cache
def minor_units(currency: str) -> int:
    """How many decimals the currency has. Raises ValueError for a code ISO 4217 does not know."""
    if currency not in _known_currencies():
        raise ValueError(f"{currency[:12]!r} is not an ISO 4217 currency code, such as EUR.")
    return int(get_currency_precision(currency))


def parse_amount(text: str, currency: str) -> int:
    """The minor units of a decimal string: "12.5" EUR is 1250.

    Raises ValueError for anything but plain digits, for more decimals than the currency
    has (nothing is rounded silently) and for amounts beyond `LARGEST_MINOR`.
    """
    decimals = minor_units(currency)
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise ValueError('An amount is a decimal string with a point, such as "1250.00".')
    sign, whole, fraction = match[1], match[2], match[3] or ""
    if len(fraction) > decimals:
        raise ValueError(f"{currency} has {decimals} decimals; {len(fraction)} were given.")
    minor = int(whole + fraction.ljust(decimals, "0"))
    if minor > LARGEST_MINOR:
        raise ValueError(f"An amount is at most {show_amount(LARGEST_MINOR, currency)} {currency}.")
    return -minor if sign else minor


def show_amount(amount_minor: int, currency: str) -> str:
    """The decimal string of an amount: 1250 EUR is "12.50". The inverse of `parse_amount`."""
    decimals = minor_units(currency)
    sign = "-" if amount_minor < 0 else ""
    digits = str(abs(amount_minor)).rjust(decimals + 1, "0")
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}" if decimals else sign + digits


def convert(amount_minor: int, currency: str, rate: Decimal, into: str) -> int:
    """The amount in minor units of `into`; `rate` is how much of `into` one unit of `currency` buys.

    Computed exactly and rounded once, half to even. Raises ValueError for a rate that is not positive.
    """
    if not rate.is_finite() or rate <= 0:
        raise ValueError(f"An exchange rate is positive; {rate} is not.")
    scale = Fraction(10) ** (minor_units(into) - minor_units(currency))
    return round(amount_minor * Fraction(rate) * scale)


def split(total: int, weights: Sequence[Fraction | int]) -> list[int]:
    """Share out a whole number in proportion to the weights, so that the parts sum to it exactly.

    Largest remainder (Hamilton): everyone gets their share rounded down, and what is left goes,
    one each, to the largest fractions lost; ties go to the lowest index, so a split can be
    replayed. A negative total mirrors the positive one. Raises ValueError for no weights, a
    negative weight, or weights that are all zero.
    """
    return splitter(tuple(weights))(total)


@lru_cache(maxsize=1024)
def splitter(weights: tuple[Fraction | int, ...]) -> Splitter:
    """`split` by these weights, for any total: what only depends on them is worked out once."""
    # Over their common denominator the weights are whole numbers: exact, and far cheaper than fractions.
    common = lcm(*(weight.denominator for weight in weights))
    wholes = [weight.numerator * (common // weight.denominator) for weight in weights]
    if any(weight < 0 for weight in wholes):
        raise ValueError("A weight can't be negative.")
    whole = sum(wholes)
    if whole == 0:
        raise ValueError("Nothing can be split without a positive weight.")
    if whole in wholes:
        taker = wholes.index(whole)
        before, after = wholes[:taker], wholes[taker + 1 :]  # nothing but zeros
        return lambda total: [*before, total, *after]
    if wholes.count(wholes[0]) == len(wholes):
        return lambda total: split_evenly(total, len(wholes))

    def share(total: int) -> list[int]:
        if total < 0:
            return [-part for part in share(-total)]
        parts = [total * weight // whole for weight in wholes]
        left = total - sum(parts)
        if left:
            by_loss = sorted(range(len(parts)), key=lambda index: (-(total * wholes[index] % whole), index))
            for index in by_loss[:left]:
                parts[index] += 1
        return parts

    return share


def split_evenly(total: int, parts: int) -> list[int]:
    """What `split` answers for so many equal weights: the first parts carry what is left over."""
    if total < 0:
        return [-part for part in split_evenly(-total, parts)]
    each, left = divmod(total, parts)
    return [each + 1] * left + [each] * (parts - left)
