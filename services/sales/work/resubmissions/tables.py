"""What people sent again, as marketing told."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.sales.base import Base


class Resubmission(Base):
    """A further submission of somebody whose lead is handed over.

    `activity_id` is what it became; null while their deal is not there yet. What they wrote stays in
    marketing and is shown with the person's card.
    """

    __tablename__ = "resubmissions"
    __table_args__ = (
        Index("ix_resubmissions_waiting", "lead_id", "cycle", postgresql_where=text("activity_id IS NULL")),
    )

    submission_id: Mapped[UUID] = mapped_column(primary_key=True)
    lead_id: Mapped[UUID]
    cycle: Mapped[int]
    contact_id: Mapped[UUID]
    source: Mapped[str] = mapped_column(String(80))
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    activity_id: Mapped[UUID | None]
