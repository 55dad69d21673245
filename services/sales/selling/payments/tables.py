"""Payments of deals, each with the payer's reference once."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.sales.base import Base
from shared.http.schemas import Amount


class Payment(Base):
    """Money that came in for a deal, in the deal's currency. The reference recognises a repeat."""

    __tablename__ = "payments"
    __table_args__ = (
        UniqueConstraint("deal_id", "reference"),
        CheckConstraint("amount_minor > 0", name="positive"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    deal_id: Mapped[UUID] = mapped_column(ForeignKey("deals.id"))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    paid_on: Mapped[date]
    reference: Mapped[str] = mapped_column(String(80))
    by: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))

    @property
    def amount(self) -> Amount:
        """As shown."""
        return Amount.of(self.amount_minor, self.currency)
