"""Attempts to reach a lead."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.handoff.base import Base


class LeadAttempt(Base):
    """Something that a rep did with a lead, as sales last told; `version` guards against older news.

    `counts`: a person reached out. `connected`: they spoke. What did not happen after all is neither.
    """

    __tablename__ = "lead_attempts"
    __table_args__ = (Index("ix_lead_attempts_lead_id_cycle", "lead_id", "cycle"),)

    activity_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    lead_id: Mapped[UUID]
    cycle: Mapped[int]
    rep_id: Mapped[UUID | None]
    channel: Mapped[str] = mapped_column(String(20))
    occurred_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    counts: Mapped[bool]
    connected: Mapped[bool]
