"""Setting a rate, and telling the others."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.reference.rates.rules import parse_rate, show_rate
from services.sales.reference.rates.schemas import RateForm
from services.sales.reference.rates.tables import CurrencyPair, ExchangeRate
from shared.auth.access import Caller
from shared.events.sales import ExchangeRateSet
from shared.messaging import outbox


async def set_rate(session: AsyncSession, caller: Caller, form: RateForm, *, now: datetime) -> ExchangeRate:
    """Add a dated rate. Deals closed before keep the rate they were frozen at."""
    # Making or counting up the pair locks it: two rates set at once get their numbers in order.
    pair = insert(CurrencyPair).values(base=form.base, quote=form.quote, version=1)
    counted = pair.on_conflict_do_update(
        index_elements=[CurrencyPair.base, CurrencyPair.quote], set_={"version": CurrencyPair.version + 1}
    )
    seq: int = (await session.execute(counted.returning(CurrencyPair.version))).scalar_one()
    rate = ExchangeRate(
        base=form.base,
        quote=form.quote,
        seq=seq,
        valid_on=form.valid_on,
        rate=parse_rate(form.rate),
        set_by=caller.subject,
        set_at=now,
    )
    session.add(rate)
    await outbox.stage(session, [_set(rate)])
    return rate


def _set(rate: ExchangeRate) -> ExchangeRateSet:
    return ExchangeRateSet(
        version=rate.seq,
        base=rate.base,
        quote=rate.quote,
        valid_on=rate.valid_on,
        rate=show_rate(rate.rate),
        set_at=rate.set_at,
    )


async def tell_rates(session: AsyncSession, keys: Sequence[str]) -> list[ExchangeRateSet]:
    """Every rate of these pairs, for who has to hear of them again. Nothing is staged."""
    pair = ExchangeRate.base + ":" + ExchangeRate.quote
    found = await session.scalars(select(ExchangeRate).where(pair.in_(keys)).order_by(ExchangeRate.seq))
    return [_set(rate) for rate in found.all()]
