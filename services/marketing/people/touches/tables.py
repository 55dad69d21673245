"""Touches: every meeting of a person with something of ours.

`occurred_at` is when it happened, `recorded_at` when we learned it: backfills are normal here.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Index,
    String,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
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
