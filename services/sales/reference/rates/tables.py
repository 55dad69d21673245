"""Exchange rates by pair of currencies and day."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Numeric,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.sales.base import Base


class CurrencyPair(Base):
    """Counts the rates set for a pair. Locked while one is set, so that the facts have no gaps."""

    __tablename__ = "currency_pairs"

    base: Mapped[str] = mapped_column(String(3), primary_key=True)
    quote: Mapped[str] = mapped_column(String(3), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)


class ExchangeRate(Base):
    """From `valid_on` on, one unit of `base` is worth `rate` units of `quote`.

    Never updated: a correction is a later row (higher `seq`) for the same day, and what was
    converted before keeps the rate it was frozen at.
    """

    __tablename__ = "exchange_rates"
    __table_args__ = (
        ForeignKeyConstraint(["base", "quote"], ["currency_pairs.base", "currency_pairs.quote"]),
        CheckConstraint("rate > 0", name="positive"),
        Index("ix_exchange_rates_valid", "base", "quote", text("valid_on DESC"), text("seq DESC")),
    )

    base: Mapped[str] = mapped_column(String(3), primary_key=True)
    quote: Mapped[str] = mapped_column(String(3), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    valid_on: Mapped[date]
    rate: Mapped[Decimal] = mapped_column(Numeric(24, 12))
    set_by: Mapped[str]
    set_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
