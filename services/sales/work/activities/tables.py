"""Activities of deals, done and due."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.sales.base import Base


class Activity(Base):
    """Something a rep did or plans to do. `note` may name a person: it stays here, by contact id."""

    __tablename__ = "activities"
    __table_args__ = (
        CheckConstraint("due_at IS NOT NULL OR done_at IS NOT NULL", name="due_or_done"),
        Index("ix_activities_deal_id", "deal_id", "id"),
        Index("ix_activities_due", "due_at", "id", postgresql_where=text("done_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    deal_id: Mapped[UUID] = mapped_column(ForeignKey("deals.id"))
    kind: Mapped[str] = mapped_column(String(20))
    contact_id: Mapped[UUID | None] = mapped_column(index=True)
    due_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    done_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    outcome: Mapped[str | None] = mapped_column(String(80))
    note: Mapped[str | None] = mapped_column(Text)
    by: Mapped[str]
    revision: Mapped[int] = mapped_column(BigInteger, server_default="1")
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
