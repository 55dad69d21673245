"""Leads, and how many came by day, campaign and channel."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    Index,
    SmallInteger,
    String,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.marketing.base import Base

Moment = DateTime(timezone=True)


class Lead(Base):
    """One person on the way to becoming a customer: one row per contact for ever.

    `first_cycle` is the one whose qualification counts as the MQL: the first that was not taken back, or the
    one to come. `withdrawn_at`: all that it came from was taken back, so it counts in no report.
    `event_version` counts what marketing published about it. The row is locked wherever that rises.
    """

    __tablename__ = "leads"
    __table_args__ = (Index("ix_leads_occurred_at", "occurred_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    contact_id: Mapped[UUID] = mapped_column(unique=True)
    cycle: Mapped[int] = mapped_column(server_default=text("1"))
    first_cycle: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))
    event_version: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    source: Mapped[str] = mapped_column(String(80))
    channel: Mapped[str] = mapped_column(String(80))
    campaign_id: Mapped[UUID | None] = mapped_column(index=True)
    submission_id: Mapped[UUID | None]
    score: Mapped[int]
    fit: Mapped[int]
    engagement: Mapped[int]
    reasons: Mapped[list[str]] = mapped_column(ARRAY(Text))
    scoring_model: Mapped[int]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    arrivals: Mapped[int]
    occurred_at: Mapped[datetime] = mapped_column(Moment)
    recorded_at: Mapped[datetime] = mapped_column(Moment, server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(Moment, server_default=func.now())
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)


class LeadDay(Base):
    """How many leads came and how many qualified for the first time, by day, campaign and channel.

    What the reports read, flat in the number of leads. A lead without a campaign counts at the nil id.
    Transactions that count at the same time do so in different shards; a day is the sum of its shards.
    """

    __tablename__ = "lead_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    campaign_id: Mapped[UUID] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(80), primary_key=True)
    shard: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    leads: Mapped[int] = mapped_column(BigInteger)
    mqls: Mapped[int] = mapped_column(BigInteger)
