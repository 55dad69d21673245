"""The cycles of a lead and the log of its lifecycle.

Both are keyed by the lead's id, which the slice above gives out.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Index,
    SmallInteger,
    String,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.marketing.base import Base

Moment = DateTime(timezone=True)


class LeadCycle(Base):
    """One way through the funnel. Holds facts of three services; `stage` follows from them alone."""

    __tablename__ = "lead_cycles"
    __table_args__ = (
        CheckConstraint("cycle >= 1", name="counted"),
        Index("ix_lead_cycles_qualified_at", "qualified_at"),
        Index("ix_lead_cycles_stage", "stage"),
    )

    lead_id: Mapped[UUID] = mapped_column(primary_key=True)
    cycle: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    stage: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(80))
    channel: Mapped[str] = mapped_column(String(80))
    campaign_id: Mapped[UUID | None]
    submission_id: Mapped[UUID | None]
    received_at: Mapped[datetime | None] = mapped_column(Moment)
    qualified_at: Mapped[datetime | None] = mapped_column(Moment)
    # when marketing took it back: what it rested on was spam, a test, a mistake
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    # of the past: held, or routed because somebody asked
    backfill: Mapped[str | None] = mapped_column(String(8))
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

    lead_id: Mapped[UUID] = mapped_column(primary_key=True)
    cycle: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    stage: Mapped[str] = mapped_column(String(20), primary_key=True)
    reason: Mapped[str | None] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(Moment, server_default=func.now())
