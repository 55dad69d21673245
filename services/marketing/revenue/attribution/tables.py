"""The credit ledger, the sums the reports read, and the rule by which deals are credited.

Amounts are in minor units. The ledger is additive: a correction books differences, nothing is
updated, and the sum of a deal's credits under each model is the deal's current amount.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Index,
    SmallInteger,
    String,
    Text,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.marketing.base import Base

Moment = DateTime(timezone=True)
Amounts = ARRAY(BigInteger)


class CreditSet(Base):
    """What one version of a deal changed in the ledger. `revision` is the event's version.

    `won`, `amount_delta` and `reporting_delta` are the change of the whole deal, so restatements
    are read without the credits.
    """

    __tablename__ = "credit_sets"
    __table_args__ = (Index("ix_credit_sets_recorded_at", "recorded_at"),)

    deal_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    cause: Mapped[str] = mapped_column(String(20))  # closed, amended, refunded, reopened
    models: Mapped[list[str]] = mapped_column(ARRAY(Text))
    lookback_days: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    reporting_currency: Mapped[str] = mapped_column(String(3))
    amount_delta: Mapped[int] = mapped_column(BigInteger)
    reporting_delta: Mapped[int] = mapped_column(BigInteger)
    closed_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(Moment, server_default=func.now())


class Credit(Base):
    """The change of one touch's share. Arrays run over the models of the set, in its order.

    `place` is the touch's position in the journey this set was split over; a row that only takes
    back an earlier credit has none. `deals_ppm` is the share of one won deal in millionths.
    """

    __tablename__ = "credits"
    __table_args__ = (
        # No foreign key: one function writes both tables, and a check per row would cost more than the row.
        CheckConstraint("(touch_id IS NULL) = (bucket <> 'touch')", name="bucket"),
    )

    deal_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    line: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    place: Mapped[int | None] = mapped_column(SmallInteger)
    bucket: Mapped[str] = mapped_column(String(20))  # touch, unattributed, sales_sourced
    touch_id: Mapped[UUID | None]
    campaign_id: Mapped[UUID | None]
    channel: Mapped[str | None] = mapped_column(String(80))
    closed_on: Mapped[date]
    touched_on: Mapped[date]
    amounts: Mapped[list[int]] = mapped_column(Amounts)
    reporting_amounts: Mapped[list[int]] = mapped_column(Amounts)
    deals_ppm: Mapped[list[int]] = mapped_column(Amounts)


class CampaignDay(Base):
    """Σ credits by day, campaign and channel: what the reports read, flat in the number of touches.

    Rows without a campaign carry the nil id, rows without a channel an empty one.
    """

    __tablename__ = "campaign_days"

    basis: Mapped[str] = mapped_column(String(10), primary_key=True)  # closed, touched
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    model: Mapped[str] = mapped_column(String(40), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    campaign_id: Mapped[UUID] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(80), primary_key=True)
    bucket: Mapped[str] = mapped_column(String(20), primary_key=True)
    revenue_minor: Mapped[int] = mapped_column(BigInteger)
    deals_ppm: Mapped[int] = mapped_column(BigInteger)


class CampaignMonth(Base):
    """Σ `campaign_days` by month, kept by the same statement: a year is twelve rows instead of 365."""

    __tablename__ = "campaign_months"

    basis: Mapped[str] = mapped_column(String(10), primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    model: Mapped[str] = mapped_column(String(40), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)  # its first day
    campaign_id: Mapped[UUID] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(80), primary_key=True)
    bucket: Mapped[str] = mapped_column(String(20), primary_key=True)
    revenue_minor: Mapped[int] = mapped_column(BigInteger)
    deals_ppm: Mapped[int] = mapped_column(BigInteger)


class AttributionRule(Base):
    """Versions of the rules journeys are cut by. They apply to closes from now on."""

    __tablename__ = "attribution_rules"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lookback_days: Mapped[int]
    created_by: Mapped[str] = mapped_column(String(200))
    active_from: Mapped[datetime] = mapped_column(Moment, server_default=func.now())
