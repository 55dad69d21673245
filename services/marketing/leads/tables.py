"""Touches, leads, their cycles and the log of their lifecycle.

`occurred_at` and `at` are when it happened, `recorded_at` is when we learned it: backfills
are normal here, and reports use the former.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    Index,
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

    `event_version` counts what marketing published about it. The row is locked wherever that rises.
    """

    __tablename__ = "leads"
    __table_args__ = (Index("ix_leads_occurred_at", "occurred_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    contact_id: Mapped[UUID] = mapped_column(unique=True)
    cycle: Mapped[int] = mapped_column(server_default=text("1"))
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
