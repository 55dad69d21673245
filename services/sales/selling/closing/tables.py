"""Refunds of won deals."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.sales.base import Base


class Refund(Base):
    """Money given back, net of tax, in the deal's currency. `version` is the deal's fact that told it."""

    __tablename__ = "deal_refunds"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="positive"),)

    deal_id: Mapped[UUID] = mapped_column(ForeignKey("deals.id"), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    refunded_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(80))
    by: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
