"""The money of deals: a ledger, each line with the payer's reference once."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.sales.base import Base
from services.sales.selling.payments.rules import Kind
from shared.http.schemas import Amount


class Payment(Base):
    """A line of a deal's money, in its currency: a payment, what was paid back, or the void of a line.

    Nothing is edited. `voids` is the line a void undoes, `voided_at` since when a line is undone. The
    reference recognises a repeat among the lines that stand.
    """

    __tablename__ = "payments"
    __table_args__ = (
        Index(
            "uq_payments_reference",
            "deal_id",
            "reference",
            unique=True,
            postgresql_where=text("voids IS NULL AND voided_at IS NULL"),
        ),
        Index("ix_payments_deal_id", "deal_id", "paid_on", "id"),
        UniqueConstraint("voids"),
        CheckConstraint("amount_minor > 0", name="positive"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    deal_id: Mapped[UUID] = mapped_column(ForeignKey("deals.id"))
    kind: Mapped[Kind] = mapped_column(String(12), server_default="payment")
    voids: Mapped[UUID | None] = mapped_column(ForeignKey("payments.id"))
    voided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    paid_on: Mapped[date]
    reference: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str | None] = mapped_column(String(80))
    by: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))

    @property
    def amount(self) -> Amount:
        """As shown."""
        return Amount.of(self.amount_minor, self.currency)
