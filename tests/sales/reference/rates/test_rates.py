import asyncio
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sales.reference.rates.rules import parse_rate, show_rate
from shared.database.sessions import Sessions
from tests.sales.samples import Desk, codes, told


@given(st.decimals("0.000000000001", "999999999999", places=12))
def test_a_rate_shown_is_the_rate_read(rate: Decimal) -> None:
    assert parse_rate(show_rate(rate)) == rate


@pytest.mark.parametrize(("rate", "shown"), [("1", "1"), ("0.90", "0.9"), ("100", "100"), ("1.000", "1")])
def test_a_rate_is_shown_without_trailing_zeros(rate: str, shown: str) -> None:
    assert show_rate(Decimal(rate)) == shown


@pytest.mark.parametrize("rate", ["0", "0.000", "-1", "1e3", "1,5", "", "NaN", "0.1234567890123", "१"])
def test_what_is_no_rate(rate: str) -> None:
    with pytest.raises(ValueError, match="rate"):
        parse_rate(rate)


def form(base: str = "USD", **changes: Any) -> dict[str, Any]:
    return {"base": base, "quote": "EUR", "valid_on": "2026-03-01", "rate": "0.9215"} | changes


async def test_rates_are_told_in_order_pair_by_pair(boss: Desk, sales_sessions: Sessions) -> None:
    wanted = [form("USD"), form("GBP", rate="1.15"), form("USD", rate="0.93")]

    assert codes([await boss.post("/v1/exchange-rates", each) for each in wanted]) == [201] * 3

    assert [(rate.version, rate.rate) for rate in await told(sales_sessions, "USD:EUR")] == [
        (1, "0.9215"),
        (2, "0.93"),
    ]
    assert [(rate.version, rate.rate) for rate in await told(sales_sessions, "GBP:EUR")] == [(1, "1.15")]
    listed = (await boss.get("/v1/exchange-rates", base="USD")).json()["items"]
    assert [(rate["seq"], rate["rate"]) for rate in listed] == [(2, "0.93"), (1, "0.9215")]


async def test_rates_set_at_once_get_numbers_without_gap(boss: Desk, sales_sessions: Sessions) -> None:
    answers = await asyncio.gather(*(boss.post("/v1/exchange-rates", form()) for _ in range(6)))

    assert codes(answers) == [201] * 6
    assert [rate.version for rate in await told(sales_sessions, "USD:EUR")] == [1, 2, 3, 4, 5, 6]


async def test_a_malformed_rate_is_refused(boss: Desk) -> None:
    wrong: list[dict[str, Any]] = [{"rate": "0"}, {"rate": 0.92}, {"quote": "USD"}, {"base": "ZZZ"}]
    wrong.append({"valid_on": "soon"})

    assert codes([await boss.post("/v1/exchange-rates", form(**each)) for each in wrong]) == [422] * 5


async def test_only_finance_and_admins_set_rates(mia: Desk, ana: Desk) -> None:
    assert codes([await desk.post("/v1/exchange-rates", form()) for desk in (mia, ana)]) == [403, 403]
