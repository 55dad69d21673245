"""Marketing's copy of deals, and what is won by day."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Index, String, Uuid, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.marketing.base import Base

Moment = DateTime(timezone=True)


class Deal(Base):
    """A deal as sales last described it: the state numbered `version`."""

    __tablename__ = "deals"
    __table_args__ = (
        Index("ix_deals_closed_on", "closed_on"),
        Index("ix_deals_company_id", "company_id"),
        Index("ix_deals_lead_id_cycle", "lead_id", "cycle"),
        Index("ix_deals_rep_id", "rep_id"),
    )

    deal_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    lead_id: Mapped[UUID | None]
    cycle: Mapped[int | None]
    origin: Mapped[str | None] = mapped_column(String(20))
    contact_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'"))
    company_id: Mapped[UUID | None]
    rep_id: Mapped[UUID | None]
    stage: Mapped[str | None] = mapped_column(String(80))
    outcome: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(80))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    reporting_amount_minor: Mapped[int | None] = mapped_column(BigInteger)
    reporting_currency: Mapped[str | None] = mapped_column(String(3))
    refunded_minor: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    opened_at: Mapped[datetime | None] = mapped_column(Moment)
    opportunity_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_on: Mapped[date | None]
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment, server_default=func.now())


class DealDay(Base):
    """The won deals by the day of their close and reporting currency: how many, and what they are worth.

    Kept from the copy and not from the credits, so that a report can hold one against the other.
    """

    __tablename__ = "deal_days"

    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    deals: Mapped[int] = mapped_column(BigInteger)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
