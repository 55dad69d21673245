"""Every SELECT on exchange rates."""

from datetime import date
from decimal import Decimal

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.reference.rates.tables import ExchangeRate


async def rate_on(session: AsyncSession, base: str, quote: str, day: date) -> Decimal | None:
    """What one unit of `base` was worth in `quote` on that day: the latest rate set for it or before."""
    if base == quote:
        return Decimal(1)
    latest = (
        select(ExchangeRate.rate)
        .where(ExchangeRate.base == base, ExchangeRate.quote == quote, ExchangeRate.valid_on <= day)
        .order_by(ExchangeRate.valid_on.desc(), ExchangeRate.seq.desc())
        .limit(1)
    )
    return (await session.scalars(latest)).first()


def rates(base: str | None, quote: str | None) -> Select[ExchangeRate]:
    """All rates, or those of one side."""
    query = select(ExchangeRate)
    if base is not None:
        query = query.where(ExchangeRate.base == base)
    if quote is not None:
        query = query.where(ExchangeRate.quote == quote)
    return query
