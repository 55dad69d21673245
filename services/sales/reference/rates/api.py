"""`/v1/exchange-rates`: the dated rates, and setting one."""

from typing import Annotated

from fastapi import Depends, Query

from services.sales.reference.access import RATES
from services.sales.reference.rates import queries, use_cases
from services.sales.reference.rates.schemas import RateForm, RateView
from services.sales.reference.rates.tables import ExchangeRate
from shared import clock
from shared.auth.access import Caller
from shared.events.envelope import Currency
from shared.http.paging import Order, Page, Paging
from shared.http.service import Transaction, router

rates = router("/v1/exchange-rates", tags=["exchange rates"])
Readers = Annotated[Caller, Depends(RATES.read)]
Setters = Annotated[Caller, Depends(RATES.change)]
NEWEST_FIRST = Order(
    ExchangeRate.valid_on, ExchangeRate.base, ExchangeRate.quote, ExchangeRate.seq, descending=True
)


@rates.get("")
async def list_rates(
    session: Transaction,
    paging: Paging,
    _: Readers,
    base: Annotated[Currency | None, Query()] = None,
    quote: Annotated[Currency | None, Query()] = None,
) -> Page[RateView]:
    """The dated rates, newest first. A rate holds from its day until the next one's."""
    rows = (await session.scalars(NEWEST_FIRST.page(queries.rates(base, quote), paging))).all()
    return NEWEST_FIRST.show(rows, paging, RateView.model_validate)


@rates.post("", status_code=201)
async def set_rate(form: RateForm, session: Transaction, caller: Setters) -> RateView:
    """Set the rate of a pair from a day on. Deals that were won before keep their frozen rate."""
    rate = await use_cases.set_rate(session, caller, form, now=clock.now())
    return RateView.model_validate(rate)
