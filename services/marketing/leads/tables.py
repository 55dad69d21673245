"""Touches, leads, their cycles and the log of their lifecycle.

`occurred_at` and `at` are when it happened, `recorded_at` is when we learned it: backfills
are normal here, and reports use the former.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
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


class Touch(Base):
    """One meeting of a person with something of ours. Never updated."""

    __tablename__ = "touches"
    __table_args__ = (
        Index("ix_touches_contact_id_occurred_at", "contact_id", "occurred_at"),
        Index(
            "uq_touches_source_external_id",
            "source",
            "external_id",
            unique=True,
            postgresql_where=text("external_id IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    contact_id: Mapped[UUID]
    submission_id: Mapped[UUID | None] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(String(80))
    source: Mapped[str] = mapped_column(String(80))
    external_id: Mapped[str | None] = mapped_column(String(200))
    campaign_id: Mapped[UUID | None]
    channel: Mapped[str] = mapped_column(String(80))
    session_id: Mapped[str | None] = mapped_column(String(200))
    landing_path: Mapped[str | None] = mapped_column(Text)
    utm: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=text("'{}'"))
    click_ids: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=text("'{}'"))
    occurred_at: Mapped[datetime] = mapped_column(Moment)
    recorded_at: Mapped[datetime] = mapped_column(Moment, server_default=func.now())


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


class LeadCycle(Base):
    """One way through the funnel. Holds facts of three services; `stage` follows from them alone."""

    __tablename__ = "lead_cycles"
    __table_args__ = (
        CheckConstraint("cycle >= 1", name="counted"),
        Index("ix_lead_cycles_qualified_at", "qualified_at"),
        Index("ix_lead_cycles_stage", "stage"),
    )

    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.id"), primary_key=True)
    cycle: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    stage: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(80))
    channel: Mapped[str] = mapped_column(String(80))
    campaign_id: Mapped[UUID | None]
    submission_id: Mapped[UUID | None]
    received_at: Mapped[datetime | None] = mapped_column(Moment)
    qualified_at: Mapped[datetime | None] = mapped_column(Moment)
    # what handoff said, up to its version `handoff_version` of this lead
    handoff_version: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    rep_id: Mapped[UUID | None] = mapped_column(index=True)
    assigned_at: Mapped[datetime | None] = mapped_column(Moment)
    accepted_at: Mapped[datetime | None] = mapped_column(Moment)
    returned_at: Mapped[datetime | None] = mapped_column(Moment)
    return_reason: Mapped[str | None] = mapped_column(String(80))
    # what sales said; its version is guarded on the deal
    deal_id: Mapped[UUID | None]
    sql_at: Mapped[datetime | None] = mapped_column(Moment)
    opportunity_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    outcome: Mapped[str | None] = mapped_column(String(20))
    close_reason: Mapped[str | None] = mapped_column(String(80))


class LifecycleEntry(Base):
    """One step, written once. Where it came from is the step before it in time, so it isn't stored:
    facts of different services come in any order and must leave the same log.
    """

    __tablename__ = "lifecycle_log"

    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.id"), primary_key=True)
    cycle: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    stage: Mapped[str] = mapped_column(String(20), primary_key=True)
    reason: Mapped[str | None] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(Moment, server_default=func.now())
